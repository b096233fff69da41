# SPDX-License-Identifier: Apache-2.0
# What `cmake --install` copies: the libraries that are PUBLISHED, their headers, and what
# find_package(takt) reads.
include(CMakePackageConfigHelpers)

set(package ${CMAKE_INSTALL_LIBDIR}/cmake/takt)
install(TARGETS takt_headers EXPORT takt)
install(EXPORT takt NAMESPACE takt:: FILE taktTargets.cmake DESTINATION ${package})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/taktConfigVersion.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_SOURCE_DIR}/cmake/taktConfig.cmake
              ${PROJECT_BINARY_DIR}/taktConfigVersion.cmake
        DESTINATION ${package})
foreach(folder core ports app firmware)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/${folder}
          DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/takt
          FILES_MATCHING PATTERN "*.h" PATTERN "*_for_test.h" EXCLUDE)
endforeach()
