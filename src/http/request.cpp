#include "http/request.hpp"

#include "core/assert.hpp"
#include "http/text.hpp"

namespace doorbuster::http {

std::string_view to_string(Method method) {
    switch (method) {
        case Method::get:
            return "GET";
        case Method::head:
            return "HEAD";
        case Method::post:
            return "POST";
        case Method::put:
            return "PUT";
        case Method::patch:
            return "PATCH";
        case Method::del:
            return "DELETE";
        case Method::options:
            return "OPTIONS";
    }
    return "GET";
}

std::string_view Request::header(std::string_view name) const {
    for (const Header& each : headers) {
        if (equal_ignoring_case(each.name, name)) return each.value;
    }
    return {};
}

std::string_view Request::cookie(std::string_view name) const {
    std::string_view found;
    for (const Header& each : headers) {
        if (!equal_ignoring_case(each.name, "cookie")) continue;
        for_each_part(each.value, ';', [&](std::string_view pair) {
            const auto equals = pair.find('=');
            if (equals == std::string_view::npos || pair.substr(0, equals) != name) return;
            if (found.data() == nullptr) found = pair.substr(equals + 1);
        });
    }
    return found;
}

std::optional<std::string> Request::query_param(std::string_view name) const {
    std::optional<std::string> found;
    for_each_part(query, '&', [&](std::string_view pair) {
        if (found || pair.empty()) return;
        const auto equals = pair.find('=');
        if (percent_decode(pair.substr(0, equals), Plus::is_space) != name) return;
        const auto value = equals == std::string_view::npos ? "" : pair.substr(equals + 1);
        found = percent_decode(value, Plus::is_space);
    });
    return found;
}

std::string_view Request::path_param(std::string_view name) const {
    for (std::size_t i = 0; i < path_param_count_; ++i) {
        if (path_params_[i].first == name) return path_params_[i].second;
    }
    return {};
}

std::int64_t Request::path_number(std::string_view name) const {
    return parse_id(path_param(name)).value_or(0);
}

void Request::add_path_param(std::string_view name, std::string value) {
    DOORBUSTER_ASSERT(path_param_count_ < kPathParamsMax);
    path_params_[path_param_count_++] = {name, std::move(value)};
}

}  // namespace doorbuster::http
