#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/pay_wire/base64.hpp"
#include "adapters/wechat_pay/aead.hpp"
#include "adapters/wechat_pay/certificates.hpp"
#include "adapters/wechat_pay/messages.hpp"
#include "adapters/wechat_pay/verifier.hpp"

namespace {

using namespace doorbuster;
using namespace doorbuster::wechat_pay;
using pay_wire::from_base64;
using pay_wire::to_base64;

constexpr auto kSerial = "PUB_KEY_ID_0119000000012026112200000000001";
// The public key of public-key mode in tests/data/payments-vectors/wechat-keys.json.
constexpr auto kPublicKey = R"(-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAwYShtoqYMOa6C5xWp64o
B414lgqBjdu0VM0O+O53Y1/mplJLrqLZFv0spr8JORVQMYEblsTiuMOKUIbnTv8G
LQUdD7Nf/aCzXdo6bIWLgEFikU19N5N/eEWZ9U5J7Xt/vDe2qwa5nvvQRpMmN2kx
VmsxG7JfPK2OfoEicupOMb9fvh1x+CahopGNGLoJiugurnOg1RrvM38l1BbMESjf
gdSUP1WhHlPMOZ123BwiiToMi1rKCfmHGmSap/rVdUjSyQG+qCMtEesKNby1z//n
zVuLxmr0NVF0S7mG7v4mCvFbFi7154zgmwbQBQkSlKaOX5EjufewHPQioUllihUW
YwIDAQAB
-----END PUBLIC KEY-----
)";

const Verifier& verifier() {
    static const Verifier instance{[] {
        auto key = PublicKey::from_pem(kPublicKey);
        if (!key) std::abort();
        TrustedKeys keys;
        keys.emplace(kSerial, TrustedKey{std::move(*key)});
        return keys;
    }()};
    return instance;
}

// The first lines of the input are the values of the signed headers, the rest is the body.
Verifier::Headers take_headers(std::string_view& input) {
    Verifier::Headers headers;
    for (const char* name :
         {"Wechatpay-Timestamp",
          "Wechatpay-Nonce",
          "Wechatpay-Signature",
          "Wechatpay-Serial",
          "Wechatpay-Signature-Type"}) {
        const auto end = std::min(input.find('\n'), input.size());
        headers.emplace_back(name, std::string{input.substr(0, end)});
        input.remove_prefix(std::min(end + 1, input.size()));
    }
    if (headers[3].second.empty()) headers[3].second = kSerial;
    return headers;
}

}  // namespace

// At this time no signature of the vectors is fresh, and nobody else has the private key, so
// nothing verifies; and every reader stands whatever bytes a message holds.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view body{reinterpret_cast<const char*>(data), size};
    const auto headers = take_headers(body);
    const Time now = from_milliseconds(1'700'000'000'000);
    if (verifier().verify(headers, body, now) == Verdict::ok) std::abort();

    if (const auto envelope = parse_notification(body)) {
        if (envelope->id.empty()) std::abort();
        const std::string key(kApiv3KeyBytes, 'k');
        static_cast<void>(
            open_sealed(key, envelope->nonce, envelope->associated_data, envelope->ciphertext)
        );
    }
    const auto trade = parse_transaction(body);
    const bool paid = trade && trade->state == ProviderTrade::State::paid;
    if (paid && (trade->amount.is_negative() || trade->transaction_id.empty())) std::abort();
    static_cast<void>(parse_failure(body));
    static_cast<void>(parse_code_url(body));
    static_cast<void>(accept_certificates(std::string(kApiv3KeyBytes, 'k'), headers, body, now));
    if (const auto bytes = from_base64(body); bytes && to_base64(*bytes) != body) std::abort();
    return 0;
}
