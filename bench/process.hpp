#pragma once

#include <sys/resource.h>

#include <stdexcept>

// What measuring programs ask of their own process.
namespace doorbuster::bench {

// Throws std::runtime_error with `what` unless `fine`.
inline void check(bool fine, const char* what) {
    if (!fine) throw std::runtime_error{what};
}

// Processor time of this process so far.
inline double cpu_seconds() {
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return seconds(used.ru_utime) + seconds(used.ru_stime);
}

// Every connection is a file.
inline void allow_many_files() {
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
}

}  // namespace doorbuster::bench
