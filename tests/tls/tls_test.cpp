#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <csignal>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>

#include "adapters/curl/curl_http_client.hpp"
#include "support/run_task.hpp"

// The outbound client believes no server whose certificate does not prove who it is.
namespace doorbuster::curl {
namespace {

using boost::asio::ip::tcp;

struct Free {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(X509* certificate) const { X509_free(certificate); }
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
    void operator()(SSL* session) const { SSL_free(session); }
    void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

// A certificate for `host` that signs itself, valid for an hour.
struct SelfSigned {
    explicit SelfSigned(const std::string& host) : key{EVP_RSA_gen(2048)}, certificate{X509_new()} {
        X509* made = certificate.get();
        X509_set_version(made, X509_VERSION_3);
        ASN1_INTEGER_set(X509_get_serialNumber(made), 1);
        X509_gmtime_adj(X509_getm_notBefore(made), -60);
        X509_gmtime_adj(X509_getm_notAfter(made), 3600);
        X509_set_pubkey(made, key.get());
        X509_NAME* name = X509_get_subject_name(made);
        const auto* common = reinterpret_cast<const unsigned char*>(host.c_str());
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, common, -1, -1, 0);
        X509_set_issuer_name(made, name);
        const std::string names = "DNS:" + host;
        const Owned<X509_EXTENSION> extension{
            X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, names.c_str())};
        X509_add_ext(made, extension.get(), -1);
        X509_sign(made, key.get(), EVP_sha256());
    }

    Owned<EVP_PKEY> key;
    Owned<X509> certificate;
};

// Answers every TLS connection with one fixed answer.
class TlsServer {
public:
    explicit TlsServer(const SelfSigned& identity) : context_{SSL_CTX_new(TLS_server_method())} {
        SSL_CTX_use_certificate(context_.get(), identity.certificate.get());
        SSL_CTX_use_PrivateKey(context_.get(), identity.key.get());
        port_ = acceptor_.local_endpoint().port();
        thread_ = std::thread{[this] { serve(); }};
    }
    ~TlsServer() {
        stopping_ = true;
        boost::system::error_code ignored;
        tcp::socket knock{loop_};
        knock.connect({boost::asio::ip::address_v4::loopback(), port_}, ignored);
        thread_.join();
    }
    unsigned short port() const { return port_; }
    int requests() const { return requests_; }

private:
    void serve() {
        while (true) {
            tcp::socket socket{loop_};
            acceptor_.accept(socket);
            if (stopping_) return;
            const Owned<SSL> session{SSL_new(context_.get())};
            SSL_set_fd(session.get(), socket.native_handle());
            if (SSL_accept(session.get()) == 1) answer(session.get());
        }
    }
    void answer(SSL* session) {
        char request[4096];
        if (SSL_read(session, request, sizeof request) <= 0) return;
        ++requests_;
        const std::string text = "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";
        SSL_write(session, text.data(), static_cast<int>(text.size()));
        SSL_shutdown(session);
    }

    Owned<SSL_CTX> context_;
    boost::asio::io_context loop_;
    tcp::acceptor acceptor_{loop_, {boost::asio::ip::address_v4::loopback(), 0}};
    unsigned short port_ = 0;
    std::atomic<bool> stopping_{false};
    std::atomic<int> requests_{0};
    std::thread thread_;
};

class Tls : public testing::Test {
protected:
    Tls() {
        // For the server of this test; the client looks after itself.
        std::signal(SIGPIPE, SIG_IGN);
        std::string pattern = (std::filesystem::temp_directory_path() / "tlsXXXXXX").string();
        folder_ = mkdtemp(pattern.data());
    }
    ~Tls() override { std::filesystem::remove_all(folder_); }

    std::string file_of(const SelfSigned& identity) {
        const std::string file = folder_ / "ca.pem";
        FILE* out = std::fopen(file.c_str(), "w");
        PEM_write_X509(out, identity.certificate.get());
        std::fclose(out);
        return file;
    }
    // The status, or 0 when no answer was believed.
    static int ask(CurlHttpClient& client, const TlsServer& server) {
        OutboundRequest request;
        request.url = "https://localhost:" + std::to_string(server.port()) + "/";
        try {
            return test::run(client.send(std::move(request))).status;
        } catch (const HttpClient::Failed& failed) {
            EXPECT_FALSE(failed.sent()) << failed.what();
            return 0;
        }
    }

    std::filesystem::path folder_;
};

TEST_F(Tls, a_certificate_of_a_known_authority_for_this_host_is_believed) {
    const SelfSigned identity{"localhost"};
    const TlsServer server{identity};
    CurlHttpClient client{{.ca_file = file_of(identity)}};
    EXPECT_EQ(ask(client, server), 204);
}

TEST_F(Tls, a_certificate_that_nobody_vouches_for_is_refused_before_anything_is_sent) {
    const SelfSigned identity{"localhost"};
    const TlsServer server{identity};
    CurlHttpClient client;
    EXPECT_EQ(ask(client, server), 0);
    EXPECT_EQ(server.requests(), 0);
}

TEST_F(Tls, a_certificate_for_another_host_is_refused_before_anything_is_sent) {
    const SelfSigned identity{"elsewhere.test"};
    const TlsServer server{identity};
    CurlHttpClient client{{.ca_file = file_of(identity)}};
    EXPECT_EQ(ask(client, server), 0);
    EXPECT_EQ(server.requests(), 0);
}

TEST_F(Tls, a_server_that_speaks_no_tls_gets_nothing) {
    boost::asio::io_context loop;
    tcp::acceptor acceptor{loop, {boost::asio::ip::address_v4::loopback(), 0}};
    std::thread plain{[&] {
        tcp::socket socket{loop};
        acceptor.accept(socket);
        boost::system::error_code ignored;
        socket.shutdown(tcp::socket::shutdown_both, ignored);
    }};
    CurlHttpClient client;
    OutboundRequest request;
    request.url = "https://127.0.0.1:" + std::to_string(acceptor.local_endpoint().port()) + "/";
    EXPECT_THROW(static_cast<void>(test::run(client.send(std::move(request)))), HttpClient::Failed);
    plain.join();
}

}  // namespace
}  // namespace doorbuster::curl
