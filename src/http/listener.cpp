#include "http/listener.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>

#include "http/server.hpp"

namespace doorbuster::http {

namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;
using Local = boost::asio::local::stream_protocol;
using ReusePort = boost::asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

constexpr int kBacklog = 4096;

std::string printed(const tcp::endpoint& endpoint) {
    const std::string address = endpoint.address().to_string();
    const bool v6 = endpoint.address().is_v6();
    return (v6 ? "[" + address + "]" : address) + ":" + std::to_string(endpoint.port());
}

[[noreturn]] void refuse_to_listen(const tcp::endpoint& endpoint, const error_code& error) {
    const std::string where = printed(endpoint);
    if (error == boost::asio::error::address_in_use) {
        throw ListenError{
            "cannot listen on " + where +
            ": another program uses this port; stop it or choose another port"};
    }
    if (error == boost::asio::error::access_denied) {
        throw ListenError{
            "cannot listen on " + where + ": ports below 1024 need a right; choose another port"};
    }
    throw ListenError{"cannot listen on " + where + ": " + error.message()};
}

// SO_REUSEPORT would let a second server of the same user share the port in silence. Without it,
// binding tells whether the port is taken.
void require_free(Executor executor, const tcp::endpoint& endpoint) {
    TcpAcceptor probe{executor};
    probe.open(endpoint.protocol());
    probe.set_option(tcp::acceptor::reuse_address{true});
    probe.bind(endpoint);
}

TcpAcceptor listen_one(Executor executor, const tcp::endpoint& endpoint) {
    TcpAcceptor acceptor{executor};
    acceptor.open(endpoint.protocol());
    acceptor.set_option(tcp::acceptor::reuse_address{true});
    acceptor.set_option(ReusePort{true});
    acceptor.bind(endpoint);
    acceptor.listen(kBacklog);
    return acceptor;
}

// Removes the file of a socket that nobody listens on any more.
void remove_stale(Executor executor, const std::string& path) {
    struct stat info {};
    if (::lstat(path.c_str(), &info) != 0) return;
    if (!S_ISSOCK(info.st_mode)) {
        throw ListenError{"cannot listen on " + path + ": the file exists and is no socket"};
    }
    Local::socket probe{executor.context()};
    error_code error;
    probe.connect(Local::endpoint{path}, error);
    if (!error) {
        throw ListenError{"cannot listen on " + path + ": a running server uses this socket"};
    }
    ::unlink(path.c_str());
}

}  // namespace

std::vector<TcpAcceptor> listen_tcp(
    EventLoops& loops, const std::string& address, std::uint16_t port
) {
    error_code error;
    const auto ip = boost::asio::ip::make_address(address, error);
    if (error) throw ListenError{"cannot listen on \"" + address + "\": it is no IP address"};
    tcp::endpoint endpoint{ip, port};
    std::vector<TcpAcceptor> acceptors;
    try {
        if (port != 0) require_free(loops.executor(0), endpoint);
        for (std::size_t i = 0; i < loops.size(); ++i) {
            acceptors.push_back(listen_one(loops.executor(i), endpoint));
            endpoint.port(acceptors.front().local_endpoint().port());
        }
    } catch (const boost::system::system_error& failed) {
        refuse_to_listen(endpoint, failed.code());
    }
    return acceptors;
}

UnixAcceptor listen_unix(Executor executor, const std::string& path) {
    if (path.size() >= sizeof(sockaddr_un{}.sun_path)) {
        throw ListenError{"cannot listen on " + path + ": the path is too long for a socket"};
    }
    remove_stale(executor, path);
    UnixAcceptor acceptor{executor};
    error_code error;
    acceptor.open(Local{}, error);
    // Linux takes the mode of the file from the socket's own, so it is never open to others.
    if (!error && ::fchmod(acceptor.native_handle(), 0600) != 0) {
        error = error_code{errno, boost::system::system_category()};
    }
    if (!error) acceptor.bind(Local::endpoint{path}, error);
    if (!error && ::chmod(path.c_str(), 0600) != 0) {
        error = error_code{errno, boost::system::system_category()};
    }
    if (!error) acceptor.listen(kBacklog, error);
    if (error) throw ListenError{"cannot listen on " + path + ": " + error.message()};
    return acceptor;
}

}  // namespace doorbuster::http
