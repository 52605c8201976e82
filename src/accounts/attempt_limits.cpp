#include "accounts/attempt_limits.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

namespace doorbuster::accounts {

namespace {

AttemptLimits::Wait in_seconds(std::optional<Milliseconds> wait) {
    if (!wait) return std::nullopt;
    return std::max(std::chrono::seconds{1}, std::chrono::ceil<std::chrono::seconds>(*wait));
}

std::string pair_name(std::string_view username_key, const std::string& address) {
    // A space is in no user name's key and no address.
    return address + ' ' + std::string{username_key};
}

}  // namespace

std::optional<Milliseconds> Buckets::take(const std::string& name, Rate rate, Instant now) {
    const auto found = index_.find(name);
    const Instant full_at = found == index_.end() ? now : std::max(now, found->second->full_at);
    const auto allowed = rate.refill * (rate.burst - 1);
    if (full_at - now > allowed) {
        return std::chrono::ceil<Milliseconds>(full_at - now - allowed);
    }
    if (found != index_.end()) {
        found->second->full_at = full_at + rate.refill;
        buckets_.splice(buckets_.begin(), buckets_, found->second);
        return std::nullopt;
    }
    if (buckets_.size() >= entries_max_) {
        index_.erase(buckets_.back().name);
        buckets_.pop_back();
    }
    buckets_.push_front({name, full_at + rate.refill});
    index_.emplace(buckets_.front().name, buckets_.begin());
    return std::nullopt;
}

void Buckets::give(const std::string& name, Rate rate) {
    const auto found = index_.find(name);
    if (found != index_.end()) found->second->full_at -= rate.refill;
}

AttemptLimits::AttemptLimits(const Clock& clock, AttemptSettings settings)
    : clock_{clock},
      settings_{settings},
      pairs_{settings.entries_max},
      addresses_{settings.entries_max},
      accounts_{settings.entries_max},
      registrations_{settings.entries_max},
      changes_{settings.entries_max} {}

AttemptLimits::Wait AttemptLimits::begin_login(
    std::string_view username_key, std::string_view address
) {
    const std::string from = address_group(address);
    const auto now = clock_.steady();
    const std::lock_guard lock{mutex_};
    if (const auto wait = addresses_.take(from, settings_.address, now)) return in_seconds(wait);
    return in_seconds(
        pairs_.take(pair_name(username_key, from), settings_.account_from_address, now)
    );
}

AttemptLimits::Wait AttemptLimits::begin_login_from_elsewhere(std::string_view username_key) {
    const auto now = clock_.steady();
    const std::lock_guard lock{mutex_};
    return in_seconds(accounts_.take(std::string{username_key}, settings_.account, now));
}

void AttemptLimits::login_succeeded(
    std::string_view username_key, std::string_view address, bool from_elsewhere
) {
    const std::string from = address_group(address);
    const std::lock_guard lock{mutex_};
    addresses_.give(from, settings_.address);
    pairs_.give(pair_name(username_key, from), settings_.account_from_address);
    if (from_elsewhere) accounts_.give(std::string{username_key}, settings_.account);
}

AttemptLimits::Wait AttemptLimits::begin_registration(std::string_view address) {
    const auto now = clock_.steady();
    const std::lock_guard lock{mutex_};
    return in_seconds(
        registrations_.take(address_group(address), settings_.registrations_from_address, now)
    );
}

AttemptLimits::Wait AttemptLimits::begin_password_change(std::int64_t user) {
    const auto now = clock_.steady();
    const std::lock_guard lock{mutex_};
    return in_seconds(changes_.take(std::to_string(user), settings_.password_changes, now));
}

void AttemptLimits::password_change_succeeded(std::int64_t user) {
    const std::lock_guard lock{mutex_};
    changes_.give(std::to_string(user), settings_.password_changes);
}

std::string address_group(std::string_view address) {
    std::string text{address};
    std::array<unsigned char, 16> bytes{};
    if (::inet_pton(AF_INET6, text.c_str(), bytes.data()) != 1) return text;
    const bool holds_ipv4 =
        std::all_of(bytes.begin(), bytes.begin() + 10, [](auto byte) { return byte == 0; }) &&
        bytes[10] == 0xff && bytes[11] == 0xff;
    std::array<char, INET6_ADDRSTRLEN> shown{};
    if (holds_ipv4) {
        ::inet_ntop(AF_INET, bytes.data() + 12, shown.data(), shown.size());
    } else {
        std::fill(bytes.begin() + 8, bytes.end(), static_cast<unsigned char>(0));
        ::inet_ntop(AF_INET6, bytes.data(), shown.data(), shown.size());
    }
    return shown.data();
}

}  // namespace doorbuster::accounts
