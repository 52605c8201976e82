#include "accounts/login_service.hpp"

#include "accounts/errors.hpp"
#include "accounts/username.hpp"

namespace doorbuster::accounts {

namespace {

// An account can change between its look-up and the log-in: another log-in makes its hash anew, or
// its owner changes the password. Twice in a row is not by chance.
constexpr int kTries = 2;

Error wrong_password() { return Error{kWrongPassword, "current_password", "is wrong"}; }

}  // namespace

Task<Limited<SignedIn>> LoginService::log_in(Attempt attempt, InTransaction also) {
    const std::string key = username_key(attempt.username);
    if (const auto wait = limits_.begin_login(key, attempt.address)) {
        co_return Limited<SignedIn>{kTooManyAttempts, *wait};
    }
    Found found = co_await look_up(attempt);
    if (found.from_elsewhere) {
        if (const auto wait = limits_.begin_login_from_elsewhere(key)) {
            co_return Limited<SignedIn>{kTooManyAttempts, *wait};
        }
    }
    Task<Result<SignedIn>> opening = verify_and_open(attempt, std::move(found.account), also);
    auto opened = co_await std::move(opening);
    Limited<SignedIn> outcome{std::move(opened)};
    if (outcome.result.has_value()) {
        limits_.login_succeeded(key, attempt.address, found.from_elsewhere);
    }
    co_return outcome;
}

Task<LoginService::Found> LoginService::look_up(const Attempt& attempt) {
    const auto look_up_in = [&](sql::Reader& reader) {
        Found found{users_.find_account(reader, attempt.username)};
        // Asked for unknown users too, so that their answer takes as long.
        const UserId user = found.account ? found.account->user.id : UserId{0};
        found.from_elsewhere = !sessions_.is_known_address(reader, user, attempt.address);
        return found;
    };
    co_return co_await database_.read(look_up_in);
}

Task<Result<SignedIn>> LoginService::verify_and_open(
    const Attempt& attempt, std::optional<Account> account, const InTransaction& also
) {
    for (int i = 0; i < kTries; ++i) {
        const std::string hash = account ? account->password_hash : std::string{};
        Task<Result<PasswordHasher::Verdict>> verifying = hasher_.verify(attempt.password, hash);
        const auto verdict = co_await std::move(verifying);
        if (verdict.has_error()) co_return verdict.error();
        if (!verdict->matches) co_return kBadCredentials;
        if (account->user.disabled) co_return kAccountDisabled;
        auto opened = co_await open(*account, attempt, also);
        if (opened) {
            if (verdict->outdated) {
                Task<void> upgrading = upgrade_hash(account->user.id, hash, attempt.password);
                co_await std::move(upgrading);
            }
            co_return *std::move(opened);
        }
        Found again = co_await look_up(attempt);
        account = std::move(again.account);
    }
    co_return kBadCredentials;
}

Task<std::optional<SignedIn>> LoginService::open(
    const Account& account, const Attempt& attempt, const InTransaction& also
) {
    const auto open_in = [&](sql::Transaction& tx) -> std::optional<SignedIn> {
        const User& user = account.user;
        if (!users_.hold_verified(tx, user.id, account.password_hash)) return std::nullopt;
        SignedIn signed_in{user, sessions_.open(tx, user.id, attempt.address, attempt.user_agent)};
        if (also) also(tx, user);
        return signed_in;
    };
    co_return co_await database_.write(open_in);
}

// Only now is the password at hand. When it does not work out, the next log-in tries again.
Task<void> LoginService::upgrade_hash(UserId user, std::string old_hash, Secret password) {
    Task<Result<std::string>> hashing = hasher_.hash(std::move(password));
    const auto hash = co_await std::move(hashing);
    if (hash.has_error()) co_return;
    const auto replace_in = [&](sql::Transaction& tx) {
        return users_.replace_password_hash(tx, user, old_hash, *hash);
    };
    co_await database_.write(replace_in);
}

Task<Limited<std::monostate>> LoginService::change_password(
    Principal who, Secret current, Secret wanted
) {
    if (const auto wait = limits_.begin_password_change(who.user.value())) {
        co_return Limited<std::monostate>{kTooManyAttempts, *wait};
    }
    Task<Result<void>> changing = verify_and_change(who, std::move(current), std::move(wanted));
    const auto changed = co_await std::move(changing);
    if (changed.has_error()) co_return Limited<std::monostate>{changed.error()};
    limits_.password_change_succeeded(who.user.value());
    co_return Limited<std::monostate>{std::monostate{}};
}

Task<Result<void>> LoginService::verify_and_change(Principal who, Secret current, Secret wanted) {
    const auto find_in = [&](sql::Reader& reader) {
        return users_.find_password_hash(reader, who.user);
    };
    const auto stored = co_await database_.read(find_in);
    Task<Result<PasswordHasher::Verdict>> verifying =
        hasher_.verify(std::move(current), stored.value_or(""));
    const auto verdict = co_await std::move(verifying);
    if (verdict.has_error()) co_return verdict.error();
    if (!verdict->matches) co_return wrong_password();
    Task<Result<std::string>> hashing = hasher_.hash(std::move(wanted));
    const auto hash = co_await std::move(hashing);
    if (hash.has_error()) co_return hash.error();
    const auto change_in = [&](sql::Transaction& tx) -> Result<void> {
        if (!users_.replace_password_hash(tx, who.user, *stored, *hash)) return wrong_password();
        sessions_.end_all(tx, who.user, who.session);
        return {};
    };
    co_return co_await database_.write(change_in);
}

}  // namespace doorbuster::accounts
