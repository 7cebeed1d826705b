# How targets of this project are declared. One target per folder; warnings are errors in the dev preset.

set(GODWIT_WARNINGS -Wall -Wextra -Wpedantic -Wshadow=local -Wno-missing-field-initializers)

add_library(godwit_options INTERFACE)
target_compile_features(godwit_options INTERFACE cxx_std_20)
target_include_directories(godwit_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(godwit_options INTERFACE ${GODWIT_WARNINGS} $<$<BOOL:${GODWIT_WERROR}>:-Werror>)
# xxHash insists on being inlined, which -Og refuses.
target_compile_definitions(godwit_options INTERFACE $<$<CONFIG:Debug>:XXH_NO_INLINE_HINTS>)
if(GODWIT_SANITIZE)
  target_compile_options(godwit_options INTERFACE -fsanitize=${GODWIT_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=undefined)
  target_link_options(godwit_options INTERFACE -fsanitize=${GODWIT_SANITIZE})
  # A null pointer that is followed ends the program anyway, with its stack; looking for it at every member costs a sixth of the compiler's time.
  if(GODWIT_SANITIZE MATCHES "undefined")
    target_compile_options(godwit_options INTERFACE -fno-sanitize=null,vptr)
  endif()
endif()

# godwit_add_library(name [COLD] [DEPENDS ...]): a static library of the *.cpp files of this folder and of the folders
# named by SUBDIRS, as godwit::name. COLD: no loop over rows runs there, so that a quarter of the compiler's time is saved.
function(godwit_add_library name)
  cmake_parse_arguments(A "COLD" "" "DEPENDS;SUBDIRS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS *.cpp *.hpp)
  foreach(sub ${A_SUBDIRS})
    file(GLOB more CONFIGURE_DEPENDS ${sub}/*.cpp ${sub}/*.hpp)
    list(APPEND sources ${more})
  endforeach()
  add_library(godwit_${name} STATIC ${sources})
  add_library(godwit::${name} ALIAS godwit_${name})
  set_target_properties(godwit_${name} PROPERTIES LINKER_LANGUAGE CXX POSITION_INDEPENDENT_CODE ON)
  target_link_libraries(godwit_${name} PUBLIC godwit_options ${A_DEPENDS})
  if(A_COLD)
    target_compile_options(godwit_${name} PRIVATE $<$<CONFIG:Release>:-O1>)
  endif()
endfunction()

# Tests of the program start it hundreds of times. Leaks are looked for by the unit tests; here the address checker keeps short stacks and a
# small quarantine, which halves what such a test takes.
set(GODWIT_PROGRAM_TEST_ENVIRONMENT "ASAN_OPTIONS=detect_leaks=0:malloc_context_size=2:quarantine_size_mb=4")

# godwit_add_tests(name [DEPENDS ...]): one GoogleTest program of tests/*.cpp of this folder.
function(godwit_add_tests name)
  if(NOT GODWIT_TESTS)
    return()
  endif()
  cmake_parse_arguments(A "" "" "DEPENDS;LABELS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS tests/*.cpp tests/*.hpp)
  if(NOT sources)
    return()
  endif()
  add_executable(test_${name} ${sources})
  set_target_properties(test_${name} PROPERTIES UNITY_BUILD OFF)  # tests name their helpers as they like
  target_link_libraries(test_${name} PRIVATE ${A_DEPENDS} GTest::gtest GTest::gmock GTest::gtest_main)
  # What the tests themselves compile to is not what is looked for mistakes, and costs a quarter more with that check.
  if(GODWIT_SANITIZE MATCHES "undefined")
    target_compile_options(test_${name} PRIVATE -fno-sanitize=undefined)
  endif()
  target_compile_definitions(test_${name} PRIVATE GODWIT_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
                                                  GODWIT_BINARY_DIR="${PROJECT_BINARY_DIR}")
  add_test(NAME ${name} COMMAND test_${name} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES TIMEOUT 600 LABELS "unit;${A_LABELS}")
endfunction()

# godwit_add_fuzzer(name source DEPENDS ...): in the fuzz preset a libFuzzer program, part of the target godwit_fuzzers,
# and a test that runs it for GODWIT_FUZZ_SECONDS (of the environment; 5 without); in every other build a replay of the
# kept corpus (tests/fuzz/corpus/<name>/) as an ordinary test.
function(godwit_add_fuzzer name source)
  cmake_parse_arguments(A "" "" "DEPENDS" ${ARGN})
  set(kept ${PROJECT_SOURCE_DIR}/tests/fuzz/corpus/${name})
  if(GODWIT_FUZZ)
    add_executable(fuzz_${name} ${source})
    target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
    target_link_libraries(fuzz_${name} PRIVATE ${A_DEPENDS})
    if(NOT TARGET godwit_fuzzers)
      add_custom_target(godwit_fuzzers)
    endif()
    add_dependencies(godwit_fuzzers fuzz_${name})
    # What it finds is kept beside the build: the next run goes on from there.
    set(found ${CMAKE_CURRENT_BINARY_DIR}/found_${name})
    file(MAKE_DIRECTORY ${found})
    add_test(NAME fuzz_${name} WORKING_DIRECTORY ${found}
      COMMAND sh -c "exec $<TARGET_FILE:fuzz_${name}> -max_total_time=\${GODWIT_FUZZ_SECONDS:-5} -max_len=4096 -timeout=20 ${found} ${kept}")
    set_tests_properties(fuzz_${name} PROPERTIES TIMEOUT 7200)
  elseif(GODWIT_TESTS)
    add_executable(fuzz_${name} ${source} ${PROJECT_SOURCE_DIR}/tests/fuzz/replay_main.cpp)
    target_link_libraries(fuzz_${name} PRIVATE ${A_DEPENDS})
    add_test(NAME fuzz_corpus_${name} COMMAND fuzz_${name} ${kept})
    set_tests_properties(fuzz_corpus_${name} PROPERTIES TIMEOUT 120 LABELS "unit")
  endif()
endfunction()

# godwit_add_kit(name [PACKAGES package[:component] ...] [DEPENDS ...] [OPTIMISED]): plugins/kits/<name> as static library
# godwit::kit_<name>, and as a component of the installed SDK, whose users compile the kit from source: so it fits their compiler, their
# standard library and their visibility. PACKAGES are what find_package() must have found there. OPTIMISED: -O3 in release builds. A kit
# needs nothing of the core but its header-only values. Its files may share names: no unity build.
function(godwit_add_kit name)
  cmake_parse_arguments(A "OPTIMISED" "" "PACKAGES;DEPENDS" ${ARGN})
  godwit_add_library(kit_${name} DEPENDS ${A_DEPENDS})
  set_target_properties(godwit_kit_${name} PROPERTIES UNITY_BUILD OFF CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
  if(A_OPTIMISED)
    target_compile_options(godwit_kit_${name} PRIVATE $<$<CONFIG:Release>:-O3>)
  endif()
  godwit_install_kit(${name} "${A_PACKAGES}" "${A_DEPENDS}" "${A_OPTIMISED}")
endfunction()

# What this tree adds to godwit_add_connector() of godwit_connector.cmake.
set(GODWIT_IN_TREE ON)
set(GODWIT_SDK godwit::sdk_compiled)
set(GODWIT_PROGRAM $<TARGET_FILE:godwit>)
set(GODWIT_CMAKE_FOLDER ${PROJECT_SOURCE_DIR}/cmake)
include(${CMAKE_CURRENT_LIST_DIR}/godwit_connector.cmake)
function(godwit_connector_in_tree name objects)
  set(only_when_asked EXCLUDE_FROM_ALL)
  if(GODWIT_TESTS)
    set(only_when_asked)
  endif()
  add_library(godwit_connector_${name}_static STATIC ${only_when_asked} connector.cpp ${objects})
  add_library(godwit::connector_${name} ALIAS godwit_connector_${name}_static)
  target_compile_definitions(godwit_connector_${name}_static PUBLIC GODWIT_STATIC_CONNECTOR
                                                             PRIVATE GODWIT_CONNECTOR_NAME=${name})
  target_include_directories(godwit_connector_${name}_static PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/generated)
  target_link_libraries(godwit_connector_${name}_static PUBLIC ${GODWIT_SDK} ${ARGN})
  add_custom_command(TARGET godwit_connector_${name} POST_BUILD
    COMMAND ${CMAKE_COMMAND} -E copy_if_different ${CMAKE_CURRENT_SOURCE_DIR}/connector.json
            ${PROJECT_BINARY_DIR}/plugins/godwit-${name}.json)
  install(TARGETS godwit_connector_${name} LIBRARY DESTINATION lib/godwit/plugins)
  install(FILES connector.json DESTINATION lib/godwit/plugins RENAME godwit-${name}.json)
  godwit_add_tests(connector_${name} DEPENDS godwit::connector_${name} godwit::host godwit::model)
endfunction()
include(${CMAKE_CURRENT_LIST_DIR}/godwit_install.cmake)
