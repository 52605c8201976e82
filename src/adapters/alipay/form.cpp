#include "adapters/alipay/form.hpp"

namespace doorbuster::alipay {

namespace {

std::optional<unsigned> hex_digit(char c) {
    if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
    if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
    if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
    return std::nullopt;
}

std::optional<std::string> decoded(std::string_view text) {
    std::string plain;
    plain.reserve(text.size());
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '%') {
            plain += text[at] == '+' ? ' ' : text[at];
            continue;
        }
        if (text.size() - at < 3) return std::nullopt;
        const auto high = hex_digit(text[at + 1]);
        const auto low = hex_digit(text[at + 2]);
        if (!high || !low) return std::nullopt;
        plain += static_cast<char>(*high << 4 | *low);
        at += 2;
    }
    return plain;
}

bool take_part(std::string_view part, Params& params) {
    const auto equals = part.find('=');
    if (equals == 0 || equals == std::string_view::npos) return false;
    auto name = decoded(part.substr(0, equals));
    auto value = decoded(part.substr(equals + 1));
    if (!name || !value || params.size() >= kFormFieldsMax) return false;
    return params.emplace(std::move(*name), std::move(*value)).second;
}

}  // namespace

std::optional<Params> parse_form(std::string_view text) {
    if (text.empty() || text.size() > kFormBytesMax) return std::nullopt;
    Params params;
    for (;;) {
        const auto end = text.find('&');
        if (!take_part(text.substr(0, end), params)) return std::nullopt;
        if (end == std::string_view::npos) return params;
        text.remove_prefix(end + 1);
    }
}

std::string percent_encoded(std::string_view text) {
    static constexpr std::string_view kHex = "0123456789ABCDEF";
    std::string encoded;
    encoded.reserve(text.size() + text.size() / 2);
    for (const char c : text) {
        const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
                           (c >= 'a' && c <= 'z') ||
                           std::string_view{"-._~"}.find(c) != std::string_view::npos;
        if (plain) {
            encoded += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            encoded += {'%', kHex[byte >> 4], kHex[byte & 15]};
        }
    }
    return encoded;
}

std::string to_form(const Params& params) {
    std::string text;
    for (const auto& [name, value] : params) {
        if (!text.empty()) text += '&';
        text.append(percent_encoded(name)).append("=").append(percent_encoded(value));
    }
    return text;
}

std::string joined(const Params& params) {
    std::string text;
    for (const auto& [name, value] : params) {
        if (!text.empty()) text += '&';
        text.append(name).append("=").append(value);
    }
    return text;
}

std::string_view value_of(const Params& params, std::string_view name) {
    const auto found = params.find(name);
    return found == params.end() ? std::string_view{} : std::string_view{found->second};
}

}  // namespace doorbuster::alipay
