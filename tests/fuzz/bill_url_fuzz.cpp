// The addresses from which bills are said to come. The judge is libcurl's reader of addresses,
// which decides where a request goes in the end.
#include <curl/curl.h>

#include <memory>
#include <optional>

#include "adapters/alipay/bill_url.hpp"
#include "adapters/wechat_pay/bill_ticket.hpp"
#include "fuzz/fuzz.hpp"

namespace {

using namespace doorbuster;
using fuzz::demand;

struct Address {
    std::string scheme;
    std::string host;
    std::string port;
    bool has_user = false;
};

std::string part_of(CURLU* url, CURLUPart part) {
    char* text = nullptr;
    if (curl_url_get(url, part, &text, CURLU_DEFAULT_PORT) != CURLUE_OK) return {};
    std::string copy = text;
    curl_free(text);
    return copy;
}

// Nothing when libcurl would not go anywhere.
std::optional<Address> read_by_curl(const std::string& text) {
    const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> url{curl_url(), &curl_url_cleanup};
    if (curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) return std::nullopt;
    Address address;
    address.scheme = part_of(url.get(), CURLUPART_SCHEME);
    address.host = part_of(url.get(), CURLUPART_HOST);
    for (char& c : address.host) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    address.port = part_of(url.get(), CURLUPART_PORT);
    address.has_user = !part_of(url.get(), CURLUPART_USER).empty();
    return address;
}

void check(
    std::string_view text, std::string_view gateway_host, std::string_view a, std::string_view b
) {
    demand(text.find('\0') == std::string_view::npos, "no address has a zero byte");
    const auto address = read_by_curl(std::string{text});
    if (!address) return;
    demand(!address->has_user, "no address has a user");
    if (address->host == gateway_host && address->port == "8443") {
        demand(address->scheme == "https", "the gateway speaks https");
        return;
    }
    demand(address->scheme == "https" && address->port == "443", "others on the usual port");
    demand(address->host.ends_with(a) || address->host.ends_with(b), "and of the provider's names");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    const std::string gateway = "https://gateway.test:8443";
    if (alipay::is_allowed_bill_url(text, gateway + "/gateway.do", {".alipay.com", ".b.test"})) {
        check(text, "gateway.test", ".alipay.com", ".b.test");
    }
    wechat_pay::Config config;
    config.base_url = gateway;
    config.backup_url = "";
    if (wechat_pay::may_download_from(text, config)) {
        check(text, "gateway.test", ".weixin.qq.com", ".wechatpay.cn");
    }
    return 0;
}
