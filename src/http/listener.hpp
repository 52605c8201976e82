#pragma once

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "core/task.hpp"
#include "http/event_loops.hpp"

// Opening the sockets that connections arrive on.
namespace doorbuster::http {

using Socket = boost::asio::basic_stream_socket<boost::asio::generic::stream_protocol, Executor>;
using TcpAcceptor = boost::asio::basic_socket_acceptor<boost::asio::ip::tcp, Executor>;
using UnixAcceptor =
    boost::asio::basic_socket_acceptor<boost::asio::local::stream_protocol, Executor>;

// One acceptor per loop on the same port; the kernel spreads connections over them. Throws
// ListenError.
std::vector<TcpAcceptor> listen_tcp(
    EventLoops& loops, const std::string& address, std::uint16_t port
);

// A Unix socket of mode 0600. A file that a dead process left there is replaced; one that a live
// process listens on, or anything that is no socket, is an error. Throws ListenError.
UnixAcceptor listen_unix(Executor executor, const std::string& path);

}  // namespace doorbuster::http
