#include "sandbox/common/certified_keys.hpp"

#include <algorithm>

#include "core/assert.hpp"
#include "sandbox/common/key_files.hpp"

namespace doorbuster::sandbox {

namespace fs = std::filesystem;

CertifiedKey CertifiedKeys::current() const {
    const std::lock_guard lock{mutex_};
    DOORBUSTER_ASSERT(!keys_.empty());
    return keys_.back();
}

std::vector<Certificate> CertifiedKeys::alive(Time now) const {
    const std::lock_guard lock{mutex_};
    std::vector<Certificate> certificates;
    for (const CertifiedKey& one : keys_) {
        if (one.certificate.not_after > now) certificates.push_back(one.certificate);
    }
    return certificates;
}

std::optional<Certificate> CertifiedKeys::find(std::string_view alipay_sn) const {
    const std::lock_guard lock{mutex_};
    for (const CertifiedKey& one : keys_) {
        if (one.certificate.alipay_sn == alipay_sn) return one.certificate;
    }
    return std::nullopt;
}

void CertifiedKeys::rotate(Time now, Random& random) {
    CertifiedKey made = make_(now, random);
    if (keep) keep(made);
    const std::lock_guard lock{mutex_};
    if (keys_.size() >= kMax) keys_.erase(keys_.begin());
    keys_.push_back(std::move(made));
}

// The certificate is written last: without it the key is the rest of a change that was cut short.
void CertifiedKeyFiles::add(const CertifiedKey& made) const {
    const std::size_t number = count() + 1;
    write_key_file(key_file(number), made.key.private_pem());
    write_key_file(certificate_file(number), made.certificate.pem);
}

std::vector<CertifiedKey> CertifiedKeyFiles::load() const {
    const std::size_t last = std::max<std::size_t>(count(), 1);  // the first must be there
    const std::size_t first = last - std::min(last, CertifiedKeys::kMax) + 1;
    std::vector<CertifiedKey> keys;
    for (std::size_t n = first; n <= last; ++n) {
        keys.push_back({load_private_key(key_file(n)), load_certificate(certificate_file(n))});
    }
    return keys;
}

void CertifiedKeyFiles::forget() const {
    for (std::size_t n = count(); n > 0; --n) fs::remove(certificate_file(n));
}

fs::path CertifiedKeyFiles::certificate_file(std::size_t number) const {
    return folder_ / (name_ + "_" + std::to_string(number) + ".pem");
}

fs::path CertifiedKeyFiles::key_file(std::size_t number) const {
    return folder_ / (name_ + "_" + std::to_string(number) + "_key.pem");
}

std::size_t CertifiedKeyFiles::count() const {
    std::size_t number = 0;
    while (fs::exists(certificate_file(number + 1))) ++number;
    return number;
}

}  // namespace doorbuster::sandbox
