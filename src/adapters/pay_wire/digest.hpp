#pragma once

#include <memory>
#include <string>
#include <string_view>

using EVP_MD_CTX = struct evp_md_ctx_st;

namespace doorbuster::pay_wire {

// A hash of bytes that come in pieces.
class Digest {
public:
    static Digest sha1() { return Digest{"SHA1"}; }
    static Digest sha256() { return Digest{"SHA256"}; }

    void add(std::string_view bytes);
    // In lower-case hex. Nothing can be added afterwards.
    std::string hex();

private:
    explicit Digest(const char* name);

    struct Free {
        void operator()(EVP_MD_CTX* context) const;
    };
    std::unique_ptr<EVP_MD_CTX, Free> context_;
};

}  // namespace doorbuster::pay_wire
