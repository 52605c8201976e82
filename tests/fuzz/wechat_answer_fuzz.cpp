// Answers of WeChat Pay: those of calls, and the list of its platform certificates, whose entries
// are sealed. An input is a list as it would be if `PEM` stood for what is sealed in it.
#include "adapters/pay_wire/base64.hpp"
#include "adapters/wechat_pay/bill_ticket.hpp"
#include "adapters/wechat_pay/certificates.hpp"
#include "adapters/wechat_pay/messages.hpp"
#include "adapters/wechat_pay/refund_messages.hpp"
#include "fuzz/fuzz.hpp"
#include "fuzz/seal.hpp"
#include "support/payment_vectors.hpp"

namespace {

using namespace doorbuster;
using namespace doorbuster::wechat_pay;
using fuzz::demand;

constexpr Time kNow = from_milliseconds(1'795'321'001'000);

const std::string& apiv3_key() {
    static const std::string text =
        test::text_at(test::payment_vectors("wechat-keys"), "apiv3_key");
    return text;
}

// One of WeChat Pay's, or of somebody who knows the APIv3 key alone.
const boost::json::value& platform() {
    return test::payment_vectors("wechat-keys").at("platform_certificates").at(0);
}
const pay_wire::PrivateKey& platform_key() {
    static const auto key =
        *pay_wire::PrivateKey::from_pem(test::text_at(platform(), "private_key_pem"));
    return key;
}
const pay_wire::PrivateKey& stranger_key() {
    static const auto key = *pay_wire::PrivateKey::from_pem(
        test::text_at(test::payment_vectors("wechat-keys").at("stranger"), "private_key_pem")
    );
    return key;
}

Verifier::Headers headers_of(std::string_view body, const pay_wire::PrivateKey& key) {
    const std::string time = "1795321000";
    const std::string text = time + "\nnonce\n" + std::string{body} + "\n";
    return {
        {"Wechatpay-Timestamp", time},
        {"Wechatpay-Nonce", "nonce"},
        {"Wechatpay-Serial", test::text_at(platform(), "serial_no")},
        {"Wechatpay-Signature", pay_wire::to_base64(key.sign(text))}};
}

void check_calls(std::string_view body) {
    if (const auto url = parse_code_url(body)) {
        demand(!url->empty() && url->size() <= 512 && fuzz::is_visible(*url), "a code is plain");
    }
    const Failure failure = parse_failure(body);
    demand(failure.code.find('_') == std::string::npos, "a code is told without underscores");
    demand(failure.code.size() <= 64 && failure.message.size() <= 1024, "a failure is bounded");
    if (const auto refund = parse_refund(body)) {
        demand(refund->amount && !refund->amount->is_negative(), "a refund has an amount");
        const bool done = refund->state == ProviderRefund::State::succeeded;
        demand(done || !refund->succeeded_at, "only what is done has a time");
    }
    if (const auto ticket = parse_bill_ticket(body)) {
        demand(ticket->sha1.size() == 40 && ticket->url.size() <= 2048, "a ticket is bounded");
    }
}

void check_keys(const TrustedKeys& keys) {
    const std::string serial = test::text_at(platform(), "serial_no");
    demand(keys.size() == 1 && keys.begin()->first == serial, "a certificate by its own serial");
    const auto certified =
        pay_wire::PublicKey::from_certificate(test::text_at(platform(), "certificate_pem"));
    demand(keys.begin()->second.key.public_der() == certified->key.public_der(), "with its key");
}

void check_certificates(std::string_view list) {
    static const std::string pem = fuzz::sealed(
        apiv3_key(), "123456789012", "certificate", test::text_at(platform(), "certificate_pem")
    );
    std::string body{list};
    if (const auto at = body.find("PEM"); at != std::string::npos) body.replace(at, 3, pem);
    const auto accept = [&](const pay_wire::PrivateKey& key) {
        return accept_certificates(apiv3_key(), headers_of(body, key), body, kNow);
    };
    if (const auto keys = accept(platform_key())) check_keys(*keys);
    demand(!accept(stranger_key()), "a list must be signed by one that it has");
    demand(
        !accept_certificates(std::string(32, 'k'), headers_of(body, platform_key()), body, kNow),
        "a list is for who has the APIv3 key"
    );
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view body{reinterpret_cast<const char*>(data), size};
    check_calls(body);
    if (body.find("encrypt_certificate") != std::string_view::npos) check_certificates(body);
    return 0;
}
