#include "http/shard.hpp"

#include "http/connection.hpp"
#include "http/response_writer.hpp"

namespace doorbuster::http {

namespace {

// The low bits of a number, the highest digit first.
void append_hex(std::string& text, std::uint64_t number, int digits) {
    static constexpr std::string_view kHex = "0123456789abcdef";
    for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) text += kHex[(number >> shift) & 15];
}

}  // namespace

Shard::Shard(std::shared_ptr<Edge> edge, std::uint64_t id_seed)
    : edge_{std::move(edge)}, now_{edge_->clock.steady()} {
    append_hex(id_prefix_, id_seed, 16);
    tick();
}

void Shard::tick() {
    now_ = edge_->clock.steady();
    const std::int64_t second = to_milliseconds(edge_->clock.now()) / 1000;
    if (second != date_second_) {
        date_ = http_date(second);
        date_second_ = second;
    }
    for (Connection* connection : connections_) connection->expire_if_late(now_);
}

void Shard::stop() {
    stopping_ = true;
    for (Connection* connection : connections_) connection->close_if_idle();
}

void Shard::cut() {
    for (Connection* connection : connections_) connection->cut();
}

void Shard::next_request_id(std::string& id) {
    id.assign(id_prefix_);
    append_hex(id, ++requests_, 8);
}

Shard::Place Shard::enter(Connection& connection) {
    ++edge_->connections;
    return connections_.insert(connections_.end(), &connection);
}

void Shard::leave(Place place) {
    connections_.erase(place);
    const std::lock_guard lock{edge_->mutex};
    --edge_->connections;
    edge_->ended.notify_all();
}

}  // namespace doorbuster::http
