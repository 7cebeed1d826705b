# The SDK that `cmake --install` ships beside the program:
#   include/godwit/           headers with the names that they have in this tree: plugins/abi, plugins/sdk, plugins/kits, core/model
#   share/godwit/kits/        sources of the kits, and <kit>.cmake, which makes a target of them where it is asked for
#   lib/cmake/godwit_sdk/     find_package(godwit_sdk COMPONENTS delimited sql ...), godwit_add_connector()
set(GODWIT_SDK_CMAKE lib/cmake/godwit_sdk)

# A plugin sees of the core these values only; all of it is header-only.
foreach(header type buffer column batch result exchange arrow nearest)
  install(FILES ${PROJECT_SOURCE_DIR}/core/model/${header}.hpp DESTINATION include/godwit/core/model COMPONENT sdk)
endforeach()
install(DIRECTORY ${PROJECT_SOURCE_DIR}/plugins/abi ${PROJECT_SOURCE_DIR}/plugins/sdk DESTINATION include/godwit/plugins COMPONENT sdk
        FILES_MATCHING PATTERN "*.h" PATTERN "*.hpp" PATTERN "README.md" PATTERN tests EXCLUDE)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/docs/ DESTINATION share/doc/godwit FILES_MATCHING PATTERN "*.md")

include(CMakePackageConfigHelpers)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/sdk/godwit_sdkConfigVersion.cmake VERSION ${PROJECT_VERSION} COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_SOURCE_DIR}/cmake/godwit_sdkConfig.cmake ${PROJECT_BINARY_DIR}/sdk/godwit_sdkConfigVersion.cmake
              ${PROJECT_SOURCE_DIR}/cmake/godwit_connector.cmake ${PROJECT_SOURCE_DIR}/cmake/connector_messages.hpp.in
              ${PROJECT_SOURCE_DIR}/cmake/run_contract ${PROJECT_SOURCE_DIR}/cmake/plugin.version
        DESTINATION ${GODWIT_SDK_CMAKE} COMPONENT sdk)

# Called by godwit_add_kit().
function(godwit_install_kit name packages depends optimised)
  set(finds "")
  foreach(package ${packages})
    string(REPLACE ":" ";" parts ${package})
    list(GET parts 0 found)
    list(LENGTH parts count)
    if(count EQUAL 2)
      list(GET parts 1 component)
      string(APPEND finds "find_dependency(${found} COMPONENTS ${component})\n")
    else()
      string(APPEND finds "find_dependency(${found})\n")
    endif()
  endforeach()
  # A kit that stands on another one brings it along.
  foreach(depend ${depends})
    if(depend MATCHES "^godwit::kit_(.+)$")
      string(APPEND finds "include(\${CMAKE_CURRENT_LIST_DIR}/${CMAKE_MATCH_1}.cmake)\n")
    endif()
  endforeach()
  string(REPLACE ";" " " depends "${depends}")
  set(flags "")
  if(optimised)
    set(flags "target_compile_options(godwit_kit_${name} PRIVATE $<$<CONFIG:Release,RelWithDebInfo>:-O3>)\n")
  endif()
  file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/sdk/${name}.cmake @ONLY CONTENT [[
# Kit "@name@" of the Godwit SDK, compiled with its user's compiler. Included by godwit_sdkConfig.cmake.
@finds@if(NOT TARGET godwit_kit_@name@)
  file(GLOB godwit_kit_sources ${CMAKE_CURRENT_LIST_DIR}/@name@/*.cpp)
  add_library(godwit_kit_@name@ STATIC EXCLUDE_FROM_ALL ${godwit_kit_sources})
  add_library(godwit::kit_@name@ ALIAS godwit_kit_@name@)
  set_target_properties(godwit_kit_@name@ PROPERTIES POSITION_INDEPENDENT_CODE ON CXX_VISIBILITY_PRESET hidden
    VISIBILITY_INLINES_HIDDEN ON UNITY_BUILD OFF)
  target_link_libraries(godwit_kit_@name@ PUBLIC godwit::sdk @depends@)
  @flags@endif()
]])
  install(FILES ${PROJECT_BINARY_DIR}/sdk/${name}.cmake DESTINATION share/godwit/kits COMPONENT sdk)
  install(DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}/ DESTINATION share/godwit/kits/${name} COMPONENT sdk FILES_MATCHING PATTERN "*.cpp" PATTERN tests EXCLUDE)
  install(DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}/ DESTINATION include/godwit/plugins/kits/${name} COMPONENT sdk FILES_MATCHING PATTERN "*.hpp" PATTERN tests EXCLUDE)
endfunction()
