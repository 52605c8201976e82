// Preloaded into a process under test: its wall clock is the machine's plus an offset that stands,
// as a 64-bit number of milliseconds, in the file that DOORBUSTER_TEST_CLOCK names. Whoever writes
// there moves the time of every process that has mapped the file, at once. Steady clocks are left
// alone.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <ctime>

namespace {

using ClockReader = int (*)(clockid_t, timespec*);

constexpr std::int64_t kNoOffset = 0;
constexpr long kNanosecondsPerSecond = 1'000'000'000;
const volatile std::int64_t* offset_ms = &kNoOffset;
ClockReader real_clock = nullptr;

__attribute__((constructor)) void map_offset() {
    real_clock = reinterpret_cast<ClockReader>(dlsym(RTLD_NEXT, "clock_gettime"));
    const char* const file = std::getenv("DOORBUSTER_TEST_CLOCK");
    const int descriptor = file ? open(file, O_RDONLY | O_CLOEXEC) : -1;
    if (descriptor < 0) return;
    void* const mapped = mmap(nullptr, sizeof(std::int64_t), PROT_READ, MAP_SHARED, descriptor, 0);
    close(descriptor);
    if (mapped != MAP_FAILED) offset_ms = static_cast<const volatile std::int64_t*>(mapped);
}

void shift(timespec& now) {
    const std::int64_t ms = *offset_ms;
    now.tv_sec += static_cast<std::time_t>(ms / 1000);
    now.tv_nsec += static_cast<long>(ms % 1000) * 1'000'000;
    if (now.tv_nsec < 0) {
        now.tv_nsec += kNanosecondsPerSecond;
        --now.tv_sec;
    } else if (now.tv_nsec >= kNanosecondsPerSecond) {
        now.tv_nsec -= kNanosecondsPerSecond;
        ++now.tv_sec;
    }
}

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* now) noexcept {
    // Other libraries' constructors may ask before ours has run.
    const int failed = real_clock ? real_clock(clock, now)
                                  : static_cast<int>(syscall(SYS_clock_gettime, clock, now));
    if (failed == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) shift(*now);
    return failed;
}

int gettimeofday(timeval* __restrict now, void* __restrict) noexcept {
    timespec precise{};
    if (clock_gettime(CLOCK_REALTIME, &precise) != 0) return -1;
    now->tv_sec = precise.tv_sec;
    now->tv_usec = precise.tv_nsec / 1000;
    return 0;
}

std::time_t time(std::time_t* seconds) noexcept {
    timespec now{};
    if (clock_gettime(CLOCK_REALTIME, &now) != 0) return -1;
    if (seconds) *seconds = now.tv_sec;
    return now.tv_sec;
}

}  // extern "C"
