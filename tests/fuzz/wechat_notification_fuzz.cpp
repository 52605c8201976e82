// What WeChat Pay posts: signed headers and a body. The first lines of an input are the values of
// the headers, the rest is the body.
#include <array>

#include "adapters/pay_wire/base64.hpp"
#include "adapters/wechat_pay/messages.hpp"
#include "adapters/wechat_pay/verifier.hpp"
#include "fuzz/fuzz.hpp"
#include "support/payment_vectors.hpp"

namespace {

using namespace doorbuster;
using namespace doorbuster::wechat_pay;
using fuzz::demand;

// Within five minutes of all cases of the vectors.
constexpr Time kNow = from_milliseconds(1'795'319'010'000);
constexpr std::array<const char*, 5> kNames{
    "Wechatpay-Timestamp",
    "Wechatpay-Nonce",
    "Wechatpay-Serial",
    "Wechatpay-Signature-Type",
    "Wechatpay-Signature"};

const boost::json::value& key_mode() {
    return test::payment_vectors("wechat-keys").at("public_key_mode");
}

const pay_wire::PrivateKey& wechat_key() {
    static const auto key =
        *pay_wire::PrivateKey::from_pem(test::text_at(key_mode(), "private_key_pem"));
    return key;
}

const Verifier& verifier() {
    static const Verifier instance{[] {
        TrustedKeys keys;
        keys.emplace(
            test::text_at(key_mode(), "id"),
            TrustedKey{*PublicKey::from_pem(test::text_at(key_mode(), "public_key_pem"))}
        );
        for (const auto& each :
             test::payment_vectors("wechat-keys").at("platform_certificates").as_array()) {
            auto read = PublicKey::from_certificate(test::text_at(each, "certificate_pem"));
            keys.emplace(read->serial, TrustedKey{std::move(read->key), read->expires_at});
        }
        return keys;
    }()};
    return instance;
}

struct Message {
    Verifier::Headers headers;
    std::string body;

    const std::string& value(std::size_t index) const { return headers[index].second; }
    // What is signed; no header's value has a line feed.
    std::string signed_text() const { return value(0) + '\n' + value(1) + '\n' + body + '\n'; }
    std::string on_the_wire() const {
        std::string text;
        for (const auto& header : headers) text += header.second + '\n';
        return text + body;
    }
};

Message take_apart(std::string_view text) {
    fuzz::Input lines{reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
    Message message;
    for (const char* name : kNames) message.headers.emplace_back(name, std::string{lines.line()});
    message.body = lines.rest();
    return message;
}

bool is_genuine(const Message& message) {
    for (const auto& a_case : test::payment_cases("wechat-notify")) {
        const auto& headers = a_case.at("headers");
        const std::string text = test::text_at(headers, "Wechatpay-Timestamp") + '\n' +
                                 test::text_at(headers, "Wechatpay-Nonce") + '\n' +
                                 test::text_at(a_case, "body") + '\n';
        if (text == message.signed_text()) return true;
    }
    return false;
}

void check_envelope(std::string_view body) {
    const auto told = parse_notification(body);
    if (!told) return;
    demand(!told->id.empty() && told->id.size() <= 64, "a notification has a number");
    demand(fuzz::is_visible(told->event_type) && fuzz::is_visible(told->algorithm), "plain words");
    demand(!told->ciphertext.empty() && told->ciphertext.size() <= 1024 * 1024, "it is bounded");
    demand(told->nonce.size() <= 16 && told->associated_data.size() <= 64, "so are these");
}

void check_signing(Message message, std::string_view script) {
    message.headers[0].second = "1795319000";
    message.headers[2].second = test::text_at(key_mode(), "id");
    message.headers[3].second = "WECHATPAY2-SHA256-RSA2048";
    message.headers[4].second = pay_wire::to_base64(wechat_key().sign(message.signed_text()));
    const auto verdict = verifier().verify(message.headers, message.body, kNow);
    demand(
        verdict == (message.value(1).empty() ? Verdict::missing_header : Verdict::ok),
        "what WeChat Pay signed is believed"
    );
    const Message changed = take_apart(fuzz::tampered(message.on_the_wire(), script));
    if (verifier().verify(changed.headers, changed.body, kNow) != Verdict::ok) return;
    demand(changed.signed_text() == message.signed_text(), "no other text is believed");
    demand(changed.body == message.body, "nor another body");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Input input{data, size};
    const Message message = take_apart(input.before(fuzz::kTamper));
    const Verdict verdict = verifier().verify(message.headers, message.body, kNow);
    if (verdict == Verdict::ok) demand(is_genuine(message), "only WeChat Pay is believed");
    Verifier::Headers twice = message.headers;
    twice.push_back(twice[input.rest().size() % twice.size()]);
    demand(
        verifier().verify(twice, message.body, kNow) == Verdict::repeated_header,
        "a header that comes twice is told"
    );
    check_envelope(message.body);
    if (message.body.size() < 4096) check_signing(message, input.rest());
    return 0;
}
