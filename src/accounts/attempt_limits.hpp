#pragma once

#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/clock.hpp"

namespace doorbuster::accounts {

// A bucket that holds `burst` attempts and gets one back every `refill`.
struct Rate {
    std::int64_t burst = 1;
    Milliseconds refill{1000};
};

// Token buckets by name. Bounded: of more names than `entries_max` the longest unused is forgotten,
// which is as if its bucket had filled up. Not thread-safe.
class Buckets {
public:
    explicit Buckets(std::size_t entries_max) : entries_max_{entries_max} {}

    using Instant = std::chrono::steady_clock::time_point;
    // Takes one attempt, or tells how long to wait for it.
    std::optional<Milliseconds> take(const std::string& name, Rate rate, Instant now);
    // Gives one attempt back.
    void give(const std::string& name, Rate rate);
    std::size_t size() const { return index_.size(); }

private:
    // The whole state of a bucket is the moment at which it is full again.
    struct Bucket {
        std::string name;
        Instant full_at;
    };
    const std::size_t entries_max_;
    std::list<Bucket> buckets_;  // newest use first
    std::unordered_map<std::string_view, std::list<Bucket>::iterator> index_;
};

// How often may be guessed. An account refills faster than one address may try, so a single
// attacker can neither guess on nor keep the owner out; and where the owner is signed in from, the
// account's bucket is not asked at all.
struct AttemptSettings {
    Rate account_from_address{5, std::chrono::seconds{60}};
    Rate address{30, std::chrono::seconds{5}};
    Rate account{50, std::chrono::seconds{10}};
    Rate registrations_from_address{30, std::chrono::seconds{30}};
    Rate password_changes{5, std::chrono::seconds{60}};
    std::size_t entries_max = 20'000;  // of each kind
};

// The limits on log-in, registration and password change, in memory. A success gives its attempt
// back, so only failures count against an account. Addresses of one IPv6 /64 count as one.
// Thread-safe.
class AttemptLimits {
public:
    // How long to wait; nothing: go on.
    using Wait = std::optional<std::chrono::seconds>;

    AttemptLimits(const Clock& clock, AttemptSettings settings = {});

    // Before anything is looked up.
    Wait begin_login(std::string_view username_key, std::string_view address);
    // In addition, unless the account is known to be used from this address.
    Wait begin_login_from_elsewhere(std::string_view username_key);
    void login_succeeded(
        std::string_view username_key, std::string_view address, bool from_elsewhere
    );

    Wait begin_registration(std::string_view address);

    Wait begin_password_change(std::int64_t user);
    void password_change_succeeded(std::int64_t user);

private:
    const Clock& clock_;
    const AttemptSettings settings_;
    std::mutex mutex_;
    Buckets pairs_;
    Buckets addresses_;
    Buckets accounts_;
    Buckets registrations_;
    Buckets changes_;
};

// An IPv4 address as it is, an IPv6 address as its first 64 bits, anything else as it is.
std::string address_group(std::string_view address);

}  // namespace doorbuster::accounts
