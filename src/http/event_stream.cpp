#include "http/event_stream.hpp"

#include "core/assert.hpp"

namespace doorbuster::http {

std::string event_text(std::string_view name, std::uint64_t id, std::string_view data) {
    DOORBUSTER_ASSERT(data.find_first_of("\r\n") == std::string_view::npos);
    std::string text{"event: "};
    text.append(name).append("\nid: ").append(std::to_string(id));
    text.append("\ndata: ").append(data).append("\n\n");
    return text;
}

std::string retry_text(std::int64_t milliseconds) {
    return "retry: " + std::to_string(milliseconds) + "\n\n";
}

}  // namespace doorbuster::http
