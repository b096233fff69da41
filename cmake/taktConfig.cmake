# SPDX-License-Identifier: Apache-2.0
# Read by find_package(takt).
include(CMakeFindDependencyMacro)
find_dependency(Threads)
include(${CMAKE_CURRENT_LIST_DIR}/taktTargets.cmake)
