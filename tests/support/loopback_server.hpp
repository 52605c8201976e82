#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace doorbuster::test {

// A very small HTTP server on a free port of 127.0.0.1, for testing clients. It answers each
// request with the bytes that `answer` returns; an empty text means silence until the server ends.
class LoopbackServer {
public:
    using Answer = std::function<std::string(const std::string& request)>;

    explicit LoopbackServer(Answer answer);
    ~LoopbackServer();

    unsigned short port() const { return port_; }
    std::string url(const std::string& target) const;
    int connections() const;
    std::vector<std::string> requests() const;
    void wait_for_requests(std::size_t count) const;
    // Ends every connection there is.
    void hang_up();

    // "HTTP/1.1 200 OK" with a length and the body; `headers` are whole lines.
    static std::string ok(const std::string& body, const std::string& headers = "");

private:
    using Socket = boost::asio::ip::tcp::socket;

    void accept_all();
    void serve(Socket& socket);
    static std::string read_request(Socket& socket, std::string& buffer);
    void note(const std::string& request);

    Answer answer_;
    boost::asio::io_context context_;
    boost::asio::ip::tcp::acceptor acceptor_;
    unsigned short port_;
    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    bool stopping_ = false;
    std::vector<std::string> requests_;
    std::vector<std::unique_ptr<Socket>> sockets_;
    std::vector<std::thread> threads_;
    std::thread acceptor_thread_;
};

}  // namespace doorbuster::test
