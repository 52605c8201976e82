#include "app/child_server.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>

#include "app/command_error.hpp"
#include "app/free_port.hpp"

namespace doorbuster::app {

namespace {

using namespace std::chrono_literals;

constexpr auto kReadyMax = 60s;
constexpr auto kStopMax = 30s;

}  // namespace

ChildServer::ChildServer(std::string data, Settings settings)
    : data_{std::move(data)}, settings_{std::move(settings)}, port_{free_port()} {
    start();
}

ChildServer::~ChildServer() { stop(); }

// Between fork and exec only what is safe when other threads are running: the words are made
// before.
void ChildServer::start() {
    std::vector<std::string> words = {
        "doorbuster", "serve", "--demo", "--data", data_, "--set", "port=" + std::to_string(port_)};
    for (const auto& [key, value] : settings_) {
        words.emplace_back("--set");
        words.push_back(key + '=' + value);
    }
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    const std::string log = data_ + "/server.log";
    int pipe[2];
    if (::pipe2(pipe, O_CLOEXEC) != 0) throw CommandError{"no pipe to a server"};
    const pid_t parent = ::getpid();
    process_ = ::fork();
    if (process_ == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (::getppid() != parent) ::_exit(1);
        const int file = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        ::dup2(pipe[1], STDOUT_FILENO);
        ::dup2(file, STDERR_FILENO);
        ::execv("/proc/self/exe", argv.data());
        ::_exit(127);
    }
    ::close(pipe[1]);
    if (output_ >= 0) ::close(output_);
    output_ = pipe[0];
    if (process_ < 0) throw CommandError{"no process for a server"};
    wait_until_ready(output_);
}

void ChildServer::wait_until_ready(int output) {
    std::string said;
    const auto deadline = std::chrono::steady_clock::now() + kReadyMax;
    while (said.find("Ready.") == std::string::npos) {
        pollfd wait{output, POLLIN, 0};
        char bytes[4096];
        const bool more = ::poll(&wait, 1, 500) > 0;
        const ssize_t size = more ? ::read(output, bytes, sizeof bytes) : -1;
        if (size > 0) said.append(bytes, static_cast<std::size_t>(size));
        if (size == 0 || std::chrono::steady_clock::now() > deadline) {
            throw CommandError{
                "the server for the rehearsal did not start; see " + data_ + "/server.log"};
        }
    }
}

void ChildServer::wait_for_end() {
    const auto deadline = std::chrono::steady_clock::now() + kStopMax;
    while (::waitpid(process_, nullptr, WNOHANG) == 0) {
        if (std::chrono::steady_clock::now() > deadline) ::kill(process_, SIGKILL);
        ::usleep(10'000);
    }
    process_ = -1;
}

void ChildServer::kill() {
    if (process_ <= 0) return;
    ::kill(process_, SIGKILL);
    wait_for_end();
}

void ChildServer::stop() {
    if (process_ > 0) {
        ::kill(process_, SIGTERM);
        wait_for_end();
    }
    if (output_ >= 0) ::close(output_);
    output_ = -1;
}

std::optional<double> ChildServer::peak_megabytes() const {
    std::ifstream status{"/proc/" + std::to_string(process_) + "/status"};
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with("VmHWM:")) return std::stod(line.substr(6)) / 1024;
    }
    return std::nullopt;
}

}  // namespace doorbuster::app
