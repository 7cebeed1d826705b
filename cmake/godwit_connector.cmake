# The one call that declares a connector, the same in this tree and in a folder that was built with the installed SDK
# (find_package(godwit_sdk)). What differs is set by whoever includes this file:
#   GODWIT_PROGRAM         the godwit program: a generator expression or a path
#   GODWIT_CMAKE_FOLDER    where this file and run_contract lie
#   GODWIT_SDK             the target of the SDK that connectors link
#   GODWIT_IN_TREE         ON in this tree: a static form of each connector for tests under the checkers, connector.json as
#                          it is checked in, installation with the program

# godwit_add_connector(name [COLD] [DEPENDS libraries and kits ...]): the *.cpp of this folder as a hidden-visibility MODULE,
# <build>/plugins/godwit-<name>.so, with its manifest beside it. connector.cpp declares the connector. In this tree also a static library,
# godwit::connector_<name>, whose table is godwit_connector_<name>(). With tests on, the contract suite joins as test
# contract_<name>: contract/run says which connection it is tried on and sets up what that needs. COLD: the far system is what such a
# connector waits for, never its own loops, so that release builds save a quarter of the compiler's time.
function(godwit_add_connector name)
  cmake_parse_arguments(A "COLD" "" "DEPENDS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS *.cpp *.hpp)
  # messages.json becomes kMessagesJson of "connector_messages.hpp", which the declaration carries in its manifest.
  set(GODWIT_MESSAGES "[]")
  if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/messages.json)
    file(READ messages.json GODWIT_MESSAGES)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS messages.json)
  endif()
  configure_file(${GODWIT_CMAKE_FOLDER}/connector_messages.hpp.in generated/connector_messages.hpp @ONLY)
  # Only connector.cpp, which declares the connector, differs between the two forms; all else is compiled once.
  list(REMOVE_ITEM sources ${CMAKE_CURRENT_SOURCE_DIR}/connector.cpp)
  set(objects "")
  if(sources)
    add_library(godwit_connector_${name}_objects OBJECT ${sources})
    set_target_properties(godwit_connector_${name}_objects PROPERTIES
      POSITION_INDEPENDENT_CODE ON CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
    target_link_libraries(godwit_connector_${name}_objects PUBLIC ${GODWIT_SDK} ${A_DEPENDS})
    target_include_directories(godwit_connector_${name}_objects PUBLIC ${CMAKE_CURRENT_BINARY_DIR}/generated)
    if(A_COLD)
      target_compile_options(godwit_connector_${name}_objects PRIVATE $<$<CONFIG:Release>:-O1>)
    endif()
    set(objects $<TARGET_OBJECTS:godwit_connector_${name}_objects>)
  endif()

  add_library(godwit_connector_${name} MODULE connector.cpp ${objects})
  set_target_properties(godwit_connector_${name} PROPERTIES
    OUTPUT_NAME godwit-${name} PREFIX "" CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/plugins)
  target_include_directories(godwit_connector_${name} PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/generated)
  target_link_libraries(godwit_connector_${name} PRIVATE ${GODWIT_SDK} ${A_DEPENDS})
  target_link_options(godwit_connector_${name} PRIVATE -Wl,--exclude-libs,ALL -Wl,--version-script=${GODWIT_CMAKE_FOLDER}/plugin.version)
  set_target_properties(godwit_connector_${name} PROPERTIES LINK_DEPENDS ${GODWIT_CMAKE_FOLDER}/plugin.version)
  if(GODWIT_IN_TREE)
    godwit_connector_in_tree(${name} "${objects}" ${A_DEPENDS})
  else()
    # The manifest as the library itself has it: what is installed cannot say anything else.
    add_custom_command(TARGET godwit_connector_${name} POST_BUILD
      COMMAND ${GODWIT_PROGRAM} connector manifest $<TARGET_FILE:godwit_connector_${name}> --output ${CMAKE_BINARY_DIR}/plugins/godwit-${name}.json)
  endif()
  godwit_join_contract(${name})
endfunction()

# The contract suite, tried through the program on the library as it is shipped. A connector without contract/run
# fails it: none is built untested.
function(godwit_join_contract name)
  if(GODWIT_IN_TREE AND NOT GODWIT_TESTS)
    return()
  endif()
  add_test(NAME contract_${name} COMMAND sh ${GODWIT_CMAKE_FOLDER}/run_contract ${GODWIT_PROGRAM} ${CMAKE_CURRENT_SOURCE_DIR}/contract)
  set_tests_properties(contract_${name} PROPERTIES TIMEOUT 2400 LABELS "contract" ENVIRONMENT "GODWIT_PLUGINS=${CMAKE_BINARY_DIR}/plugins;${GODWIT_PROGRAM_TEST_ENVIRONMENT}")
endfunction()
