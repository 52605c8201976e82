#include "accounts/password_hasher.hpp"

#include <sodium.h>

#include <array>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <new>
#include <optional>
#include <thread>
#include <vector>

#include "core/assert.hpp"

namespace doorbuster::accounts {

namespace {

// Nothing when there is no memory for it.
std::optional<std::string> hash_now(const Secret& password, const PasswordSettings& settings) {
    std::array<char, crypto_pwhash_STRBYTES> text{};
    const std::string& plain = password.reveal();
    const int failed = crypto_pwhash_str(
        text.data(), plain.data(), plain.size(), settings.passes, settings.memory_bytes
    );
    if (failed) return std::nullopt;
    return std::string{text.data()};
}

bool verify_now(const Secret& password, const std::string& stored) {
    const std::string& plain = password.reveal();
    return crypto_pwhash_str_verify(stored.c_str(), plain.data(), plain.size()) == 0;
}

std::optional<std::string> derive_now(
    const Secret& password, const std::string& purpose, const PasswordSettings& settings
) {
    std::array<unsigned char, crypto_pwhash_SALTBYTES> salt{};
    const auto* const text = reinterpret_cast<const unsigned char*>(purpose.data());
    crypto_generichash(salt.data(), salt.size(), text, purpose.size(), nullptr, 0);
    std::array<unsigned char, 32> bytes{};
    const std::string& plain = password.reveal();
    const int failed = crypto_pwhash(
        bytes.data(),
        bytes.size(),
        plain.data(),
        plain.size(),
        salt.data(),
        settings.passes,
        settings.memory_bytes,
        crypto_pwhash_ALG_ARGON2ID13
    );
    if (failed) return std::nullopt;
    return std::string{reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

// A few threads and a bounded queue of work that others own.
class PasswordHasher::Pool {
public:
    Pool(std::size_t threads, std::size_t queue_max) : queue_max_{queue_max} {
        for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { serve(); });
    }
    ~Pool() {
        {
            const std::lock_guard lock{mutex_};
            stopping_ = true;
        }
        arrived_.notify_all();
        for (std::thread& thread : threads_) thread.join();
    }

    // `work` stays alive until it has run.
    bool submit(std::function<void()>& work) {
        {
            const std::lock_guard lock{mutex_};
            if (queue_.size() >= queue_max_) return false;
            queue_.push_back(&work);
        }
        arrived_.notify_one();
        return true;
    }

private:
    void serve() {
        std::unique_lock lock{mutex_};
        while (true) {
            arrived_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
            if (queue_.empty()) return;
            std::function<void()>* const work = queue_.front();
            queue_.pop_front();
            lock.unlock();
            (*work)();
            lock.lock();
        }
    }

    const std::size_t queue_max_;
    std::mutex mutex_;
    std::condition_variable arrived_;
    std::deque<std::function<void()>*> queue_;
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

PasswordHasher::PasswordHasher(PasswordSettings settings) : settings_{settings} {
    DOORBUSTER_ASSERT(sodium_init() >= 0);
    std::array<char, 32> noise{};
    randombytes_buf(noise.data(), noise.size());
    dummy_ = hash_blocking(Secret{std::string{noise.data(), noise.size()}});
    pool_ = std::make_unique<Pool>(settings.threads, settings.queue_max);
}

PasswordHasher::~PasswordHasher() = default;

std::string PasswordHasher::hash_blocking(const Secret& password) const {
    auto hash = hash_now(password, settings_);
    if (!hash) throw std::bad_alloc{};
    return *std::move(hash);
}

Task<bool> PasswordHasher::run(std::function<void()> work) {
    using Token = boost::asio::use_awaitable_t<Executor>;
    using Handler = typename boost::asio::async_result<Token, void()>::handler_type;

    const Executor executor = co_await boost::asio::this_coro::executor;
    bool accepted = true;
    std::optional<Handler> waiting;
    std::function<void()> job = [&] {
        work();
        // After the post this frame may already be gone, so what the post uses is copied.
        auto handler = std::move(*waiting);
        // NOLINTNEXTLINE(performance-unnecessary-copy-initialization)
        const Executor resume_on = executor;
        boost::asio::post(resume_on, std::move(handler));
    };
    const auto start = [&](auto handler) {
        waiting.emplace(std::move(handler));
        if (pool_->submit(job)) return;
        accepted = false;
        auto refused = std::move(*waiting);
        boost::asio::post(executor, std::move(refused));
    };
    constexpr Token token;
    co_await boost::asio::async_initiate<const Token&, void()>(start, token);
    co_return accepted;
}

Task<Result<std::string>> PasswordHasher::hash(Secret password) {
    std::optional<std::string> hash;
    std::function<void()> work = [&] { hash = hash_now(password, settings_); };
    Task<bool> running = run(std::move(work));
    const bool accepted = co_await std::move(running);
    if (!accepted || !hash) co_return kUnavailable;
    co_return *std::move(hash);
}

Task<Result<PasswordHasher::Verdict>> PasswordHasher::verify(Secret password, std::string stored) {
    Verdict verdict;
    std::function<void()> work = [&] {
        const bool matches = verify_now(password, stored.empty() ? dummy_ : stored);
        verdict.matches = matches && !stored.empty();
        verdict.outdated =
            verdict.matches && crypto_pwhash_str_needs_rehash(
                                   stored.c_str(), settings_.passes, settings_.memory_bytes
                               ) != 0;
    };
    Task<bool> running = run(std::move(work));
    const bool accepted = co_await std::move(running);
    if (!accepted) co_return kUnavailable;
    co_return verdict;
}

Task<Result<std::string>> PasswordHasher::derive(Secret password, std::string purpose) {
    std::optional<std::string> bytes;
    std::function<void()> work = [&] { bytes = derive_now(password, purpose, settings_); };
    Task<bool> running = run(std::move(work));
    const bool accepted = co_await std::move(running);
    if (!accepted || !bytes) co_return kUnavailable;
    co_return *std::move(bytes);
}

}  // namespace doorbuster::accounts
