# Every library comes from the distribution; script/bootstrap installs them. Headers of libraries
# are system headers, so that our warnings are about our code.
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json url system)
find_package(OpenSSL REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(PostgreSQL REQUIRED)
find_package(CURL REQUIRED)
find_package(ZLIB REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(tomlplusplus REQUIRED)
find_package(prometheus-cpp REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(sodium REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(qrencode REQUIRED IMPORTED_TARGET libqrencode)
pkg_check_modules(gumbo REQUIRED IMPORTED_TARGET gumbo)
pkg_check_modules(gdlib REQUIRED IMPORTED_TARGET gdlib)
find_package(CLI11 QUIET CONFIG)
if(NOT TARGET CLI11::CLI11)
  find_path(CLI11_INCLUDE_DIR CLI/CLI.hpp REQUIRED)
  add_library(CLI11::CLI11 INTERFACE IMPORTED)
  target_include_directories(CLI11::CLI11 SYSTEM INTERFACE ${CLI11_INCLUDE_DIR})
endif()
add_library(doorbuster_sodium ALIAS PkgConfig::sodium)
add_library(doorbuster_qrencode ALIAS PkgConfig::qrencode)
add_library(doorbuster_gumbo ALIAS PkgConfig::gumbo)
add_library(doorbuster_gd ALIAS PkgConfig::gdlib)

# Before every library of ours, Asio's compiled half included: options reach later targets only.
if(DOORBUSTER_SANITIZE)
  add_compile_options(-fsanitize=${DOORBUSTER_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${DOORBUSTER_SANITIZE})
  if(DOORBUSTER_SANITIZE MATCHES undefined)
    add_compile_options(-fno-sanitize-recover=undefined)
  endif()
  if(DOORBUSTER_SANITIZE MATCHES thread AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # Asio sets a fence around each handler, which ThreadSanitizer does not see. It sees the mutex of
    # Asio's queue, and that is what hands a handler's data from thread to thread.
    add_compile_options(-Wno-tsan)
  endif()
endif()

# Asio compiles once (BOOST_ASIO_SEPARATE_COMPILATION); its definitions must be the same everywhere.
file(WRITE ${CMAKE_BINARY_DIR}/gen/asio_impl.cpp "#include <boost/asio/impl/src.hpp>\n")
add_library(doorbuster_asio STATIC ${CMAKE_BINARY_DIR}/gen/asio_impl.cpp)
target_compile_definitions(doorbuster_asio PUBLIC
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_BOOST_DATE_TIME
  BOOST_JSON_NO_LIB)
target_link_libraries(doorbuster_asio PUBLIC Boost::headers Threads::Threads)

add_library(doorbuster_options INTERFACE)
target_compile_options(doorbuster_options INTERFACE
  -Wall -Wextra -Wshadow -Wconversion -Wnon-virtual-dtor -Wno-missing-field-initializers)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # Coroutine frames of GCC 12 trip these two in library code that we cannot change.
  target_compile_options(doorbuster_options INTERFACE -Wno-maybe-uninitialized -Wno-dangling-pointer)
  # "x" + string at -O2 warns inside libstdc++ (GCC bug 105651).
  target_compile_options(doorbuster_options INTERFACE -Wno-restrict)
  if(DOORBUSTER_SANITIZE)
    # At -O1 it inlines one half only of Asio's operator new and delete of coroutine frames, and takes
    # the halves for a mismatch. AddressSanitizer itself would tell a real one.
    target_compile_options(doorbuster_options INTERFACE -Wno-mismatched-new-delete)
  endif()
endif()
if(DOORBUSTER_WERROR)
  target_compile_options(doorbuster_options INTERFACE -Werror)
endif()
find_program(DOORBUSTER_MOLD mold)
if(DOORBUSTER_MOLD AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_link_options(-fuse-ld=mold)
endif()

if(DOORBUSTER_TESTS)
  find_package(GTest REQUIRED)
endif()
if(DOORBUSTER_BENCH)
  find_package(benchmark REQUIRED)
endif()
