# godwit_add_sandbox(vendor [DEPENDS libraries ...]): the *.cpp of this folder (connectors/<vendor>/sandbox/) as the program
# godwit-sandbox-<vendor>, in bin/ of the build and of the installation, beside godwit, whose command `godwit sandbox <vendor>` finds it
# there. metadata.json of the folder becomes kMetadataJson of "sandbox_metadata.hpp".
#
# With tests on, the folder's exchange files (exchanges/*.json) are replayed against the program as test sandbox_<vendor>, their requests are
# spoilt in sandbox_<vendor>_mangled, and its own tests (tests/<name>_test.py --program PROGRAM), for what no list of requests and
# answers can show, run as sandbox_<vendor>_<name>.
function(godwit_add_sandbox vendor)
  cmake_parse_arguments(A "" "" "DEPENDS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS *.cpp *.hpp)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS metadata.json)
  file(READ metadata.json text)
  # No compiler need take a literal of any length: pieces of 12,000 bytes, joined by the preprocessor.
  string(LENGTH "${text}" length)
  set(pieces "")
  set(at 0)
  while(at LESS length)
    string(SUBSTRING "${text}" ${at} 12000 piece)
    string(APPEND pieces "    R\"godwit(${piece})godwit\"\n")
    math(EXPR at "${at} + 12000")
  endwhile()
  file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/generated/sandbox_metadata.hpp @ONLY CONTENT [[
// Made from metadata.json; do not edit.
#pragma once
inline constexpr char kMetadataJson[] =
@pieces@    "";
]])
  add_executable(godwit_sandbox_${vendor} ${sources})
  # One unit: with several, most of the time goes into reading the JSON library again.
  set_target_properties(godwit_sandbox_${vendor} PROPERTIES OUTPUT_NAME godwit-sandbox-${vendor} RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin UNITY_BUILD_BATCH_SIZE 100)
  target_include_directories(godwit_sandbox_${vendor} PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/generated)
  target_compile_options(godwit_sandbox_${vendor} PRIVATE $<$<CONFIG:Release>:-O1>)
  target_link_libraries(godwit_sandbox_${vendor} PRIVATE godwit::kit_sandbox ${A_DEPENDS})
  install(TARGETS godwit_sandbox_${vendor} RUNTIME DESTINATION bin)
  if(GODWIT_TESTS AND EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/exchanges)
    find_package(Python3 REQUIRED COMPONENTS Interpreter)
    add_test(NAME sandbox_${vendor} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
      COMMAND ${Python3_EXECUTABLE} tests/sandbox/exchanges_test.py --program $<TARGET_FILE:godwit_sandbox_${vendor}>
              --exchanges ${CMAKE_CURRENT_SOURCE_DIR}/exchanges --vendor ${vendor})
    add_test(NAME sandbox_${vendor}_mangled WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
      COMMAND ${Python3_EXECUTABLE} tests/sandbox/mangled_test.py --program $<TARGET_FILE:godwit_sandbox_${vendor}>
              --exchanges ${CMAKE_CURRENT_SOURCE_DIR}/exchanges --vendor ${vendor} --times 1)
    set_tests_properties(sandbox_${vendor} sandbox_${vendor}_mangled PROPERTIES TIMEOUT 1800 LABELS "program" ENVIRONMENT "${GODWIT_PROGRAM_TEST_ENVIRONMENT}")
    file(GLOB own RELATIVE ${CMAKE_CURRENT_SOURCE_DIR} CONFIGURE_DEPENDS tests/*_test.py)
    foreach(file ${own})
      string(REGEX REPLACE "tests/(.*)_test.py" "\\1" name ${file})
      add_test(NAME sandbox_${vendor}_${name} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
        COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/${file} --program $<TARGET_FILE:godwit_sandbox_${vendor}>)
      set_tests_properties(sandbox_${vendor}_${name} PROPERTIES TIMEOUT 1800 LABELS "program" ENVIRONMENT "${GODWIT_PROGRAM_TEST_ENVIRONMENT}")
    endforeach()
  endif()
endfunction()
