#include "app/admin_client.hpp"

#include <curl/curl.h>

#include <memory>

#include "app/command_error.hpp"
#include "runtime/data_folder.hpp"

namespace doorbuster::app {

namespace {

struct FreeHandle {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct FreeHeaders {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

std::size_t append(char* bytes, std::size_t size, std::size_t count, void* into) {
    static_cast<std::string*>(into)->append(bytes, size * count);
    return size * count;
}

}  // namespace

AdminClient::AdminClient(const std::filesystem::path& data_folder)
    : socket_{runtime::DataFolder::admin_socket(data_folder)} {}

AdminAnswer AdminClient::ask(
    const std::string& method, const std::string& path, const std::string& json
) const {
    const std::unique_ptr<CURL, FreeHandle> handle{curl_easy_init()};
    const std::unique_ptr<curl_slist, FreeHeaders> headers{
        curl_slist_append(nullptr, "Content-Type: application/json")};
    AdminAnswer answer;
    const std::string url = "http://doorbuster" + path;
    curl_easy_setopt(handle.get(), CURLOPT_URL, url.c_str());
    curl_easy_setopt(handle.get(), CURLOPT_UNIX_SOCKET_PATH, socket_.c_str());
    curl_easy_setopt(handle.get(), CURLOPT_CUSTOMREQUEST, method.c_str());
    if (!json.empty()) {
        curl_easy_setopt(handle.get(), CURLOPT_POSTFIELDS, json.c_str());
        curl_easy_setopt(handle.get(), CURLOPT_POSTFIELDSIZE, static_cast<long>(json.size()));
    }
    curl_easy_setopt(handle.get(), CURLOPT_HTTPHEADER, headers.get());
    curl_easy_setopt(handle.get(), CURLOPT_TIMEOUT, 60L);
    curl_easy_setopt(handle.get(), CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle.get(), CURLOPT_WRITEFUNCTION, append);
    curl_easy_setopt(handle.get(), CURLOPT_WRITEDATA, &answer.body);
    const CURLcode outcome = curl_easy_perform(handle.get());
    if (outcome != CURLE_OK) {
        throw CommandError{
            "the server that holds the data folder does not answer on " + socket_.string() + " (" +
            curl_easy_strerror(outcome) + "). Is it starting or stopping? Try again."};
    }
    long status = 0;
    curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &status);
    answer.status = static_cast<int>(status);
    return answer;
}

}  // namespace doorbuster::app
