#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "adapters/alipay/form.hpp"
#include "adapters/pay_wire/rsa.hpp"

namespace doorbuster::alipay {

// Public keys of Alipay by the SN of their certificate; by the empty text in public-key mode, where
// there is one key without a name.
using TrustedKeys = std::map<std::string, pay_wire::PublicKey, std::less<>>;

enum class Verdict {
    ok,
    malformed,           // no form or no JSON that all readers read alike
    wrong_node,          // an answer to another question
    missing_signature,   // hearsay
    bad_signature_type,  // anything but RSA2
    unsupported_charset,
    ambiguous,  // two different forms would be signed alike, and this is one of them
    unknown_certificate,
    bad_signature,
};
std::string_view to_string(Verdict verdict);

// Verifies what Alipay signs: answers, notifications, and what it lets browsers bring. A message's
// own words only select among keys that are trusted already. Thread-safe; never throws for what is
// in a message.
class Verifier {
public:
    // `first` names the key of messages that name no certificate.
    Verifier(TrustedKeys keys, std::string first);

    struct Answer {
        Verdict verdict = Verdict::malformed;
        std::string node;            // the JSON that was signed; without a signature what was heard
        std::string certificate_sn;  // as the message has it
    };
    // An answer of the gateway to `method`.
    Answer check_answer(std::string_view method, std::string_view body) const;

    struct Form {
        Verdict verdict = Verdict::malformed;
        Params params;  // without sign and sign_type
        std::string certificate_sn;
    };
    // The body of a notification, or the query with which a browser comes back.
    Form check_form(std::string_view form) const;

    bool knows(std::string_view certificate_sn) const;
    // One key more, from now on.
    void trust(const std::string& certificate_sn, pay_wire::PublicKey key);

private:
    Verdict find_key(std::string_view sn, std::optional<pay_wire::PublicKey>& key) const;

    const bool by_certificate_;
    const std::string first_;
    mutable std::mutex mutex_;
    TrustedKeys keys_;
};

}  // namespace doorbuster::alipay
