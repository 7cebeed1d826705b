# find_package(godwit_sdk [COMPONENTS delimited sql ...]): what a connector outside Godwit's tree is built with.
#
#   godwit::sdk            header-only: plugins/sdk and the values that it speaks of
#   godwit::kit_<kit>      for each component asked for; compiled from source, so that it fits this compiler
#   godwit_add_connector() declares a connector; see docs/guide/write-a-connector.md
#   GODWIT_PROGRAM         the godwit program of this installation
include(CMakeFindDependencyMacro)
find_dependency(nlohmann_json)

get_filename_component(GODWIT_PREFIX "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)
set(GODWIT_PROGRAM ${GODWIT_PREFIX}/bin/godwit)
set(GODWIT_CMAKE_FOLDER ${CMAKE_CURRENT_LIST_DIR})
set(GODWIT_SDK godwit::sdk)
set(GODWIT_IN_TREE OFF)

if(NOT TARGET godwit::sdk)
  add_library(godwit::sdk INTERFACE IMPORTED GLOBAL)
  target_compile_features(godwit::sdk INTERFACE cxx_std_20)
  target_include_directories(godwit::sdk INTERFACE ${GODWIT_PREFIX}/include/godwit)
  target_link_libraries(godwit::sdk INTERFACE nlohmann_json::nlohmann_json)
  # Results are tl::expected, a header of its own (Debian: libexpected-dev).
  find_path(GODWIT_EXPECTED_INCLUDE tl/expected.hpp)
  if(NOT GODWIT_EXPECTED_INCLUDE)
    set(godwit_sdk_FOUND FALSE)
    set(godwit_sdk_NOT_FOUND_MESSAGE "tl/expected.hpp is missing (Debian: apt install libexpected-dev)")
    return()
  endif()
endif()

foreach(component ${godwit_sdk_FIND_COMPONENTS})
  if(EXISTS ${GODWIT_PREFIX}/share/godwit/kits/${component}.cmake)
    include(${GODWIT_PREFIX}/share/godwit/kits/${component}.cmake)
    set(godwit_sdk_${component}_FOUND TRUE)
  elseif(godwit_sdk_FIND_REQUIRED_${component})
    file(GLOB known RELATIVE ${GODWIT_PREFIX}/share/godwit/kits ${GODWIT_PREFIX}/share/godwit/kits/*.cmake)
    string(REPLACE ".cmake" "" known "${known}")
    set(godwit_sdk_FOUND FALSE)
    set(godwit_sdk_NOT_FOUND_MESSAGE "the SDK has no kit \"${component}\"; it has: ${known}")
    return()
  endif()
endforeach()

include(${CMAKE_CURRENT_LIST_DIR}/godwit_connector.cmake)
