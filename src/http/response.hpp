#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/error.hpp"
#include "http/event_stream.hpp"

namespace doorbuster::http {

// A body that many answers share: made once, never changed. Answered with its ETag, 304 when the
// client already has it, and gzip when the client takes it and it is smaller.
struct Document {
    std::string content_type;
    std::string body;
    std::string gzip;           // empty: not worth it
    std::string etag;           // with its quotes
    std::string cache_control;  // e.g. "no-cache" or "public, max-age=31536000, immutable"
};

// Makes a document: compresses text and derives the ETag from the bytes.
std::shared_ptr<const Document> make_document(
    std::string content_type, std::string body, std::string cache_control
);

struct Response {
    int status = 200;
    std::string content_type;
    std::string body;
    std::shared_ptr<const Document> document;  // when set, instead of content_type and body
    std::vector<std::pair<std::string, std::string>> headers;
    // When set, the answer is 200 and goes on with this source's events until one side ends it.
    std::shared_ptr<EventSource> stream;

    Response& with(std::string name, std::string value) {
        headers.emplace_back(std::move(name), std::move(value));
        return *this;
    }
};

}  // namespace doorbuster::http
