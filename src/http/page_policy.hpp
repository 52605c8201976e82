#pragma once

#include <string>
#include <string_view>

namespace doorbuster::http {

// The Content-Security-Policy of a page of this server: it may use the inline <style> and <script>
// elements that stand in `html` (allowed by their hash, so nothing else that got into the page
// runs), ask this server when it has a script, and nothing else; no frame may hold it. Forms may be
// sent to `form_targets` only, which are sources as the policy writes them. The elements must be
// written without attributes.
std::string page_policy(std::string_view html, std::string_view form_targets = "'none'");

}  // namespace doorbuster::http
