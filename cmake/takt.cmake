# SPDX-License-Identifier: Apache-2.0
# What the CMakeLists.txt of the modules are written in.

# Bare metal and fuzzing builds hold libraries only: no tests, no programs. The lint looks at what
# ships: reading GoogleTest for each test takes it longer than all the rest. A project that takt is
# a part of gets its libraries, and needs no more for it than they do.
string(COMPARE EQUAL "${CMAKE_SYSTEM_NAME}" Generic TAKT_BARE_METAL)
set(TAKT_TESTS ON)
if(TAKT_BARE_METAL OR TAKT_FUZZ OR TAKT_LINT OR NOT PROJECT_IS_TOP_LEVEL)
  set(TAKT_TESTS OFF)
endif()

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)

# What can be included from outside is reached as "takt/core/...", "takt/ports/...", whatever the
# folder of the tree is called.
set(TAKT_HEADERS ${PROJECT_BINARY_DIR}/headers)
file(MAKE_DIRECTORY ${TAKT_HEADERS}/takt)
foreach(folder core ports app firmware)
  file(CREATE_LINK ${PROJECT_SOURCE_DIR}/${folder} ${TAKT_HEADERS}/takt/${folder} SYMBOLIC)
endforeach()

# What all libraries ask of those who use them.
add_library(takt_headers INTERFACE)
add_library(takt::headers ALIAS takt_headers)
target_compile_features(takt_headers INTERFACE cxx_std_20)
target_include_directories(takt_headers INTERFACE $<BUILD_INTERFACE:${TAKT_HEADERS}>
                                                  $<INSTALL_INTERFACE:include>)
set_target_properties(takt_headers PROPERTIES EXPORT_NAME headers)

# takt_own(NAME): what our own code is held to, and nobody else's.
# -Wno-sign-conversion: what g++ means by -Wconversion, for clang too.
function(takt_own name)
  target_link_libraries(${name} PUBLIC takt_headers)
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_compile_options(${name} PRIVATE -Wall -Wextra -Wconversion -Wno-sign-conversion -Wshadow)
  if(PROJECT_IS_TOP_LEVEL)  # A newer compiler than ours must not stop anybody's build.
    target_compile_options(${name} PRIVATE -Werror)
  endif()
endfunction()

if(TAKT_SANITIZE)
  # vptr checks need the RTTI that core is built without.
  add_compile_options(-fsanitize=${TAKT_SANITIZE} -fno-sanitize-recover=all -fno-sanitize=vptr
                      -fno-omit-frame-pointer)
  if(CMAKE_CXX_COMPILER_ID STREQUAL Clang)
    add_compile_options(-fsanitize-ignorelist=${PROJECT_SOURCE_DIR}/tests/ubsan.ignore)
  endif()
  add_link_options(-fsanitize=${TAKT_SANITIZE})
endif()

if(TAKT_LINT)
  # Files made of those below core/ are held to its rules.
  file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/core)
  file(CREATE_LINK ${PROJECT_SOURCE_DIR}/core/.clang-tidy ${PROJECT_BINARY_DIR}/core/.clang-tidy
       SYMBOLIC)
  # The build tool decides what is to be read again; objects, libraries and programs are but marks.
  set(CMAKE_CXX_COMPILE_OBJECT "${PROJECT_SOURCE_DIR}/scripts/lint <SOURCE> <OBJECT> \
<CMAKE_CXX_COMPILER> <DEFINES> <INCLUDES> <FLAGS>")
  set(CMAKE_CXX_CREATE_STATIC_LIBRARY "${CMAKE_COMMAND} -E touch <TARGET>")
  set(CMAKE_CXX_LINK_EXECUTABLE "${CMAKE_COMMAND} -E touch <TARGET>")
endif()

# takt_precompile(NAME HEADERS ... DEPS ...): headers of libraries that are read once for all
# targets that say takt_precompiled(TARGET NAME). For most of their files that would take longer
# than the rest. The lint reads them in each file: what g++ precompiles clang-tidy cannot read.
function(takt_precompile name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "HEADERS;DEPS")
  if(TAKT_LINT)
    return()
  endif()
  file(CONFIGURE OUTPUT ${name}.cc CONTENT "")
  add_library(${name} OBJECT ${CMAKE_CURRENT_BINARY_DIR}/${name}.cc)
  takt_own(${name})
  target_link_libraries(${name} PRIVATE ${arg_DEPS})
  target_precompile_headers(${name} PRIVATE ${arg_HEADERS})
  set_target_properties(${name} PROPERTIES EXCLUDE_FROM_ALL ${TAKT_FUZZ})
endfunction()

function(takt_precompiled target name)
  if(TAKT_LINT)
    return()
  endif()
  target_precompile_headers(${target} REUSE_FROM ${name})
  if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    # g++ 12 warns about its own std::string when that comes from a precompiled header.
    target_compile_options(${target} PRIVATE
                           -Wno-array-bounds -Wno-restrict -Wno-stringop-overflow)
  endif()
endfunction()

if(TAKT_TESTS)
  find_package(GTest REQUIRED)
  find_package(Threads REQUIRED)
  takt_precompile(takt_gtest HEADERS <gtest/gtest.h> <gmock/gmock.h> DEPS GTest::gmock)
endif()

# RapidJSON alone: with all of /usr/include on the path, a cross build would find the host's libc.
find_path(TAKT_RAPIDJSON rapidjson/reader.h PATHS /usr/include NO_CMAKE_FIND_ROOT_PATH REQUIRED)
mark_as_advanced(TAKT_RAPIDJSON)
file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/include)
file(CREATE_LINK ${TAKT_RAPIDJSON}/rapidjson ${PROJECT_BINARY_DIR}/include/rapidjson SYMBOLIC)

# takt_use_rapidjson(NAME): in the sources of NAME, not in its headers.
function(takt_use_rapidjson name)
  target_include_directories(${name} SYSTEM PRIVATE ${PROJECT_BINARY_DIR}/include)
endfunction()

# Optimized, and across files where the program linked asks for it with -flto.
function(takt_optimize_at_link name)
  if(TAKT_LTO)
    target_compile_options(${name} PRIVATE -O3 -flto=auto -ffat-lto-objects)
  endif()
endfunction()

# takt_together(NAME [APART...]): the lint and builds with a sanitizer read the files of a target as
# one, and so each header once. A name that one file has for itself, and another one too, is a
# redefinition then: give each its own, or say that one of the files stands APART. All other builds
# read file by file, and find the header that one of them lacks.
function(takt_together name)
  if(TAKT_LINT OR TAKT_SANITIZE)
    set_target_properties(${name} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 0
      UNITY_BUILD_CODE_BEFORE_INCLUDE "// NOLINTNEXTLINE(bugprone-suspicious-include)")
    foreach(file IN LISTS ARGN)
      set_source_files_properties(${file} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
    endforeach()
  endif()
endfunction()

# takt_library(NAME SOURCES ... DEPS ... [PUBLISHED] [APART ...]): a static library. Under core/ it
# is built as for a device: without exceptions and RTTI. A library of headers alone has no SOURCES.
# What is PUBLISHED is installed, and known to others as takt::NAME without our prefix; so must be
# what it depends on.
function(takt_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "PUBLISHED" "" "SOURCES;DEPS;APART")
  string(REGEX REPLACE "^takt_" "" published ${name})
  cmake_path(RELATIVE_PATH CMAKE_CURRENT_SOURCE_DIR BASE_DIRECTORY ${PROJECT_SOURCE_DIR}
             OUTPUT_VARIABLE folder)
  if(arg_SOURCES)
    add_library(${name} STATIC ${arg_SOURCES})
    takt_own(${name})
    takt_together(${name} ${arg_APART})
    target_link_libraries(${name} PUBLIC ${arg_DEPS})
    set_target_properties(${name} PROPERTIES EXCLUDE_FROM_ALL ${TAKT_FUZZ})
  else()
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE takt_headers ${arg_DEPS})
  endif()
  add_library(takt::${published} ALIAS ${name})
  set_target_properties(${name} PROPERTIES EXPORT_NAME ${published})
  if(arg_PUBLISHED AND PROJECT_IS_TOP_LEVEL)
    install(TARGETS ${name} EXPORT takt ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
  endif()
  if(NOT arg_SOURCES)
    return()
  endif()
  if(folder MATCHES "^core/")
    target_compile_options(${name} PRIVATE -fno-exceptions -fno-rtti)
    takt_optimize_at_link(${name})
  endif()
  if(TAKT_BARE_METAL AND PROJECT_IS_TOP_LEVEL)
    target_compile_options(${name} PRIVATE -fcallgraph-info=su)  # For scripts/compliance.
    # All else is made small there; this runs for every event.
    if(folder MATCHES "^(core/(engine|playback)|app/playback|ports|bench)")
      target_compile_options(${name} PRIVATE -O2)
    endif()
  endif()
endfunction()

# takt_executable(NAME SOURCES ... DEPS ... [APART ...])
function(takt_executable name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;DEPS;APART")
  add_executable(${name} ${arg_SOURCES})
  takt_own(${name})
  takt_together(${name} ${arg_APART})
  target_link_libraries(${name} PRIVATE ${arg_DEPS})
  set_target_properties(${name} PROPERTIES EXCLUDE_FROM_ALL ${TAKT_FUZZ})
endfunction()

# takt_test(NAME SOURCES ... DEPS ... [APART ...] [SHARDS N]): one GoogleTest program, one entry of
# ctest, or N that share its tests and may run at a time. It runs in the root of the tree, so
# "examples/..." can be opened.
function(takt_test name)
  if(NOT TAKT_TESTS)
    return()
  endif()
  cmake_path(RELATIVE_PATH CMAKE_CURRENT_SOURCE_DIR BASE_DIRECTORY ${PROJECT_SOURCE_DIR}
             OUTPUT_VARIABLE folder)
  if(TAKT_SANITIZE STREQUAL thread)
    set(one_thread "core/(bus|engine|json|pattern|program|sync)"
                   "app/(boards|messages|metrics|record)" firmware/virtual)
    list(JOIN one_thread "|" one_thread)
    if(folder MATCHES "^(${one_thread})$")
      return()  # One thread has no races.
    endif()
  endif()
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "SHARDS" "SOURCES;DEPS;APART")
  takt_executable(${name} SOURCES ${arg_SOURCES} APART ${arg_APART}
                  DEPS ${arg_DEPS} GTest::gmock GTest::gtest_main Threads::Threads)
  takt_precompiled(${name} takt_gtest)
  if(TAKT_LTO)
    target_link_options(${name} PRIVATE -fno-lto)  # Tests run for less time than it would take.
  endif()
  set(entries ${name})
  if(arg_SHARDS)
    set(entries)
    foreach(shard RANGE 1 ${arg_SHARDS})
      list(APPEND entries ${name}_${shard})
    endforeach()
  endif()
  list(LENGTH entries total)
  set(index 0)
  foreach(entry IN LISTS entries)
    add_test(NAME ${entry} COMMAND ${name} --gtest_brief=1 WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
    # A program without tests proves nothing, yet GoogleTest calls it a pass.
    set_tests_properties(${entry} PROPERTIES TIMEOUT 300 FAIL_REGULAR_EXPRESSION " 0 tests from"
      ENVIRONMENT
        "GTEST_TOTAL_SHARDS=${total};GTEST_SHARD_INDEX=${index};\
LSAN_OPTIONS=suppressions=${PROJECT_SOURCE_DIR}/tests/lsan.supp:print_suppressions=0")
    math(EXPR index "${index} + 1")
  endforeach()
endfunction()

# takt_fuzz_target(NAME SOURCES ... DEPS ... CORPUS FOLDER [DICTIONARY FILE]): SOURCES define
# LLVMFuzzerTestOneInput.
# The test replays the corpus, here with libFuzzer and in every other build with a plain driver.
function(takt_fuzz_target name)
  if(TAKT_BARE_METAL)
    return()
  endif()
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "CORPUS;DICTIONARY" "SOURCES;DEPS")
  cmake_path(ABSOLUTE_PATH arg_CORPUS)
  set(dictionary)
  if(arg_DICTIONARY)
    cmake_path(ABSOLUTE_PATH arg_DICTIONARY)
    set(dictionary -dict=${arg_DICTIONARY})
  endif()
  if(TAKT_FUZZ)
    add_executable(${name} ${arg_SOURCES})
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
    add_test(NAME ${name} COMMAND ${name} -runs=0 ${dictionary} ${arg_CORPUS})
  else()
    add_executable(${name} ${arg_SOURCES} ${PROJECT_SOURCE_DIR}/tests/fuzz/replay.cc)
    add_test(NAME ${name} COMMAND ${name} ${arg_CORPUS})
  endif()
  takt_own(${name})
  target_link_libraries(${name} PRIVATE ${arg_DEPS})
  set_tests_properties(${name} PROPERTIES TIMEOUT 300)
endfunction()

# takt_nocompile_test(NAME FILE): FILE compiles as it is, and does not compile with any one of its
# `#ifdef BAD_...` parts, for the reason stated there; see cmake/nocompile.cmake.
function(takt_nocompile_test name file)
  if(NOT TAKT_TESTS OR TAKT_SANITIZE)  # A sanitizer has no say in what compiles.
    return()
  endif()
  cmake_path(ABSOLUTE_PATH file)
  add_test(NAME ${name}
           COMMAND ${CMAKE_COMMAND} -DCXX=${CMAKE_CXX_COMPILER} -DINCLUDE=${TAKT_HEADERS}
                   -DFILE=${file} -P ${PROJECT_SOURCE_DIR}/cmake/nocompile.cmake)
endfunction()
