#pragma once

#include <string>
#include <string_view>

namespace doorbuster::http {

// The Content-Security-Policy of a page of this server: it may use the inline <style> and <script>
// elements that stand in `html` (allowed by their hash, so nothing else that got into the page
// runs), ask this server when it has a script, and nothing else; no frame may hold it, and no form
// is sent without its script. The elements must be written without attributes.
std::string page_policy(std::string_view html);

}  // namespace doorbuster::http
