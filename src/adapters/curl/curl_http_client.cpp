#include "adapters/curl/curl_http_client.hpp"

#include <curl/curl.h>
#include <signal.h>

#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <deque>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "adapters/curl/transfer.hpp"

namespace doorbuster::curl {

namespace {

// libcurl wants this once per process, before its first use and before other threads.
void initialise_libcurl() {
    static const CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (code != CURLE_OK) throw std::runtime_error{"libcurl cannot be initialised"};
}

// A wakeup ends both earlier. The second is how late a request may learn that it waited too long.
constexpr int kPollMilliseconds = 1000;
constexpr int kPollWhileWaitingMilliseconds = 50;

// OpenSSL writes to a connection that its peer has closed as to any other; the signal that this
// raises would end the process. It goes to the thread that writes.
void ignore_broken_pipes() {
    sigset_t pipe{};
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
}

constexpr auto kWaitedTooLong = "timed out while waiting for its turn";

}  // namespace

// The thread that owns the multi handle. Only `submit` and the destructor are called from others.
class CurlHttpClient::Loop {
public:
    explicit Loop(CurlOptions options) : options_{std::move(options)} {
        initialise_libcurl();
        multi_.reset(curl_multi_init());
        if (!multi_) throw std::runtime_error{"libcurl cannot be initialised"};
        curl_multi_setopt(
            multi_.get(), CURLMOPT_MAXCONNECTS, static_cast<long>(options_.in_flight_max)
        );
        thread_ = std::thread{[this] { run(); }};
    }

    ~Loop() {
        {
            // The thread frees the multi handle, but not before it has seen this.
            const std::lock_guard lock{mutex_};
            stopping_ = true;
            curl_multi_wakeup(multi_.get());
        }
        thread_.join();
    }

    void submit(std::unique_ptr<Transfer> transfer) {
        if (!enqueue(transfer)) return transfer->fail("too many requests are waiting");
        curl_multi_wakeup(multi_.get());
    }

private:
    struct FreeMulti {
        void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
    };

    bool enqueue(std::unique_ptr<Transfer>& transfer) {
        const std::lock_guard lock{mutex_};
        if (stopping_ || waiting_.size() >= options_.queue_max) return false;
        waiting_.push_back(std::move(transfer));
        return true;
    }

    void run() {
        ignore_broken_pipes();
        while (!stopping()) {
            start_waiting();
            int running = 0;
            curl_multi_perform(multi_.get(), &running);
            finish_done();
            // A finished request may have made room for one that waits.
            if (start_waiting()) continue;
            const bool some_wait = expire_waiting();
            const int pause = some_wait ? kPollWhileWaitingMilliseconds : kPollMilliseconds;
            curl_multi_poll(multi_.get(), nullptr, 0, pause, nullptr);
        }
        fail_all();
        multi_.reset();  // here, because closing TLS connections writes to them
    }

    bool stopping() {
        const std::lock_guard lock{mutex_};
        return stopping_;
    }

    std::unique_ptr<Transfer> next_waiting() {
        const std::lock_guard lock{mutex_};
        if (waiting_.empty()) return nullptr;
        auto transfer = std::move(waiting_.front());
        waiting_.pop_front();
        return transfer;
    }

    bool start_waiting() {
        bool started = false;
        while (in_flight_.size() < options_.in_flight_max) {
            auto transfer = next_waiting();
            if (!transfer) break;
            start(std::move(transfer));
            started = true;
        }
        return started;
    }

    // Ends what has waited too long for its turn. Whether anything still waits.
    bool expire_waiting() {
        std::vector<std::unique_ptr<Transfer>> over;
        bool some_wait = false;
        {
            const std::lock_guard lock{mutex_};
            for (auto& transfer : waiting_) {
                if (transfer->is_over()) over.push_back(std::move(transfer));
            }
            if (!over.empty()) std::erase(waiting_, nullptr);
            some_wait = !waiting_.empty();
        }
        for (const auto& transfer : over) transfer->fail(kWaitedTooLong);
        return some_wait;
    }

    void start(std::unique_ptr<Transfer> transfer) {
        if (!transfer->prepare(options_)) return transfer->fail(kWaitedTooLong);
        CURL* easy = transfer->handle();
        if (const CURLMcode code = curl_multi_add_handle(multi_.get(), easy); code != CURLM_OK) {
            return transfer->fail(curl_multi_strerror(code));
        }
        in_flight_.emplace(easy, std::move(transfer));
    }

    void finish_done() {
        int left = 0;
        while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
            if (message->msg != CURLMSG_DONE) continue;
            const CURLcode code = message->data.result;  // gone after the next call
            take(message->easy_handle)->finish(code);
        }
    }

    std::unique_ptr<Transfer> take(CURL* easy) {
        curl_multi_remove_handle(multi_.get(), easy);
        auto node = in_flight_.extract(easy);
        return std::move(node.mapped());
    }

    void fail_all() {
        constexpr auto kReason = "the client is shutting down";
        while (!in_flight_.empty()) take(in_flight_.begin()->first)->fail(kReason);
        while (auto transfer = next_waiting()) transfer->fail(kReason);
    }

    const CurlOptions options_;
    std::unique_ptr<CURLM, FreeMulti> multi_;
    std::map<CURL*, std::unique_ptr<Transfer>> in_flight_;
    std::mutex mutex_;
    std::deque<std::unique_ptr<Transfer>> waiting_;
    bool stopping_ = false;
    std::thread thread_;
};

CurlHttpClient::CurlHttpClient(CurlOptions options)
    : loop_{std::make_unique<Loop>(std::move(options))} {}

CurlHttpClient::~CurlHttpClient() = default;

Task<OutboundResponse> CurlHttpClient::send(OutboundRequest request) {
    using Signature = void(Outcome);
    using Token = boost::asio::use_awaitable_t<Executor>;

    const Executor executor = co_await boost::asio::this_coro::executor;
    const auto start = [&](auto handler) {
        // std::function wants what can be copied; the handler can only be moved.
        auto shared = std::make_shared<decltype(handler)>(std::move(handler));
        auto finished = [executor, shared](Outcome outcome) {
            boost::asio::post(executor, [h = std::move(*shared), o = std::move(outcome)]() mutable {
                std::move(h)(std::move(o));
            });
        };
        loop_->submit(std::make_unique<Transfer>(std::move(request), std::move(finished)));
    };
    constexpr Token token;
    Outcome outcome = co_await boost::asio::async_initiate<const Token&, Signature>(start, token);
    if (outcome.failure) throw Failed{outcome.failure->reason, outcome.failure->sent};
    co_return std::move(outcome.response);
}

}  // namespace doorbuster::curl
