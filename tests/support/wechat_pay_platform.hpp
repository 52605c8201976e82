#pragma once

#include <openssl/evp.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "support/wechat_pay_answers.hpp"

namespace doorbuster::test {

// Base64 of AES-256-GCM's ciphertext and tag, written without the code that opens it.
inline std::string sealed(
    const std::string& key, const std::string& nonce, const std::string& data, std::string text
) {
    const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context{
        EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free};
    const auto bytes = [](const std::string& t) {
        return reinterpret_cast<const unsigned char*>(t.data());
    };
    std::string out(text.size() + 16, '\0');
    auto* to = reinterpret_cast<unsigned char*>(out.data());
    int length = 0;
    EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, bytes(key), bytes(nonce));
    const int data_size = static_cast<int>(data.size());
    EVP_EncryptUpdate(context.get(), nullptr, &length, bytes(data), data_size);
    EVP_EncryptUpdate(context.get(), to, &length, bytes(text), static_cast<int>(text.size()));
    EVP_EncryptFinal_ex(context.get(), to + text.size(), &length);
    EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, 16, to + text.size());
    return pay_wire::to_base64(out);
}

// A WeChat Pay in platform-certificate mode, with the two certificates of the vectors: which are
// published, until when, and which one signs.
class PlatformCertificateMode : public AnsweredByWechatPay {
protected:
    PlatformCertificateMode() {
        answers_ = [this](const OutboundRequest& request) { return answer_to(request); };
    }

    static const boost::json::value& certificate(std::size_t index) {
        return wechat_keys().at("platform_certificates").at(index);
    }
    static std::string serial(std::size_t index) {
        return text_at(certificate(index), "serial_no");
    }

    OutboundResponse signed_by(std::size_t index, const std::string& body) {
        OutboundResponse response{.status = 200, .body = body};
        sign_with(response, text_at(certificate(index), "private_key_pem"), serial(index));
        return response;
    }
    OutboundResponse answer_to(const OutboundRequest& request) {
        if (!request.url.ends_with("/v3/certificates")) return signed_by(signer_, body_);
        ++downloads_;
        if (!certificates_come_) throw HttpClient::Failed{"connection lost", true};
        if (listed_by_public_key_) return answered(200, list());
        return signed_by(signer_, list());
    }
    std::string list() const {
        std::string entries;
        for (const auto& [index, expires] : published_) {
            const std::string pem = text_at(certificate(index), "certificate_pem");
            entries += std::string{entries.empty() ? "" : ","} + R"({"serial_no":")" +
                       serial(index) +
                       R"(","effective_time":"2026-01-01T00:00:00+08:00","expire_time":")" +
                       to_rfc3339(expires) +
                       R"(","encrypt_certificate":{"algorithm":"AEAD_AES_256_GCM",)"
                       R"("nonce":"123456789012","associated_data":"certificate","ciphertext":")" +
                       sealed(apiv3_key_, "123456789012", "certificate", pem) + R"("}})";
        }
        return R"({"data":[)" + entries + "]}";
    }

    std::string apiv3_key_ = text_at(wechat_keys(), "apiv3_key");
    std::map<std::size_t, Time> published_{{0, start() + std::chrono::days{30}}};
    std::size_t signer_ = 0;
    bool certificates_come_ = true;
    bool listed_by_public_key_ = false;
    int downloads_ = 0;
    std::string body_;
};

}  // namespace doorbuster::test
