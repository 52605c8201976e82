#include "core/assert.hpp"

#include <cstdio>
#include <cstdlib>

namespace doorbuster {

void assertion_failed(const char* expression, const char* file, int line) noexcept {
    std::fprintf(stderr, "doorbuster: broken invariant: %s (%s:%d)\n", expression, file, line);
    std::abort();
}

}  // namespace doorbuster
