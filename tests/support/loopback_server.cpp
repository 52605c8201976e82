#include "support/loopback_server.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

namespace doorbuster::test {

namespace asio = boost::asio;
using asio::ip::tcp;

LoopbackServer::LoopbackServer(Answer answer)
    : answer_{std::move(answer)},
      acceptor_{context_, tcp::endpoint{asio::ip::address_v4::loopback(), 0}},
      port_{acceptor_.local_endpoint().port()},
      acceptor_thread_{[this] { accept_all(); }} {}

LoopbackServer::~LoopbackServer() {
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
    }
    hang_up();
    // Wakes the accept: it is refused at once because the server is stopping.
    boost::system::error_code ignored;
    Socket knock{context_};
    knock.connect(tcp::endpoint{asio::ip::address_v4::loopback(), port_}, ignored);
    acceptor_thread_.join();
    for (std::thread& thread : threads_) thread.join();
}

std::string LoopbackServer::url(const std::string& target) const {
    return "http://127.0.0.1:" + std::to_string(port_) + target;
}

int LoopbackServer::connections() const {
    const std::lock_guard lock{mutex_};
    return static_cast<int>(sockets_.size());
}

std::vector<std::string> LoopbackServer::requests() const {
    const std::lock_guard lock{mutex_};
    return requests_;
}

void LoopbackServer::wait_for_requests(std::size_t count) const {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [&] { return requests_.size() >= count; });
}

void LoopbackServer::hang_up() {
    const std::lock_guard lock{mutex_};
    boost::system::error_code ignored;
    for (const auto& socket : sockets_) socket->shutdown(Socket::shutdown_both, ignored);
}

std::string LoopbackServer::ok(const std::string& body, const std::string& headers) {
    return "HTTP/1.1 200 OK\r\n" + headers + "Content-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
}

void LoopbackServer::accept_all() {
    while (true) {
        auto socket = std::make_unique<Socket>(context_);
        boost::system::error_code failed;
        acceptor_.accept(*socket, failed);
        const std::lock_guard lock{mutex_};
        if (stopping_ || failed) return;
        sockets_.push_back(std::move(socket));
        threads_.emplace_back([this, &accepted = *sockets_.back()] { serve(accepted); });
    }
}

void LoopbackServer::serve(Socket& socket) {
    std::string buffer;
    while (true) {
        const std::string request = read_request(socket, buffer);
        if (request.empty()) return;
        note(request);
        const std::string answer = answer_(request);
        boost::system::error_code failed;
        if (!answer.empty()) asio::write(socket, asio::buffer(answer), failed);
        if (failed) return;
    }
}

std::string LoopbackServer::read_request(Socket& socket, std::string& buffer) {
    boost::system::error_code failed;
    const std::size_t head =
        asio::read_until(socket, asio::dynamic_buffer(buffer), std::string{"\r\n\r\n"}, failed);
    if (failed) return {};
    std::size_t length = 0;
    if (const auto at = buffer.find("Content-Length: "); at < head) {
        length = std::stoul(buffer.substr(at + 16));
    }
    while (buffer.size() < head + length && !failed) {
        char chunk[4096];
        buffer.append(chunk, socket.read_some(asio::buffer(chunk), failed));
    }
    std::string request = buffer.substr(0, head + length);
    buffer.erase(0, head + length);
    return failed ? std::string{} : request;
}

void LoopbackServer::note(const std::string& request) {
    {
        const std::lock_guard lock{mutex_};
        requests_.push_back(request);
    }
    changed_.notify_all();
}

}  // namespace doorbuster::test
