#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "core/result.hpp"
#include "core/secret.hpp"
#include "core/task.hpp"

namespace doorbuster::accounts {

// argon2id with the least memory and passes that OWASP's password storage sheet names for it. One
// hash takes about 10 ms and 19 MiB, which is why there are few threads and a short queue.
struct PasswordSettings {
    std::uint64_t passes = 2;
    std::size_t memory_bytes = 19u * 1024 * 1024;
    std::size_t threads = 2;
    std::size_t queue_max = 64;
};

// Hashes passwords on threads of its own, so that no event loop and no database thread waits for
// it. When the queue is full, a request is refused with kUnavailable at once. Thread-safe; the
// destructor finishes what was accepted, and must run before the event loops that wait go.
class PasswordHasher {
public:
    explicit PasswordHasher(PasswordSettings settings = {});
    ~PasswordHasher();

    // A salted hash with its parameters, as crypto_pwhash_str writes it.
    Task<Result<std::string>> hash(Secret password);

    struct Verdict {
        bool matches = false;
        bool outdated = false;  // made with other parameters than today's
    };
    // An empty `stored` (there is no such user) costs what a real one does, and never matches.
    Task<Result<Verdict>> verify(Secret password, std::string stored);

    // The same bytes for the same password and purpose, as dear to guess from as a hash: stands for
    // a password where one must be compared later but not stored.
    Task<Result<std::string>> derive(Secret password, std::string purpose);

    // For threads that may block: commands and tests.
    std::string hash_blocking(const Secret& password) const;

private:
    class Pool;
    // False when the queue was full and `work` did not run.
    Task<bool> run(std::function<void()> work);

    PasswordSettings settings_;
    std::string dummy_;
    std::unique_ptr<Pool> pool_;
};

}  // namespace doorbuster::accounts
