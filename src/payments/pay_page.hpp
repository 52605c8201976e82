#pragma once

#include <string>
#include <string_view>

#include "http/response.hpp"
#include "ports/payment_provider.hpp"

// The pages that a buyer's browser sees between the shop and a provider.
namespace doorbuster::payments {

// The form alone, with a button and a script that presses it, for pages of other systems.
std::string form_html(const PayForm& form);
// Sends the browser on by a form that submits itself, and by a button where scripts are off. Every
// value is escaped; the browser may keep no copy, and may send the form to the provider only.
http::Response leave_page(const PayForm& form);
// `place` with the query parameter `reference`, by which an order system knows its buyer's order.
std::string with_reference(std::string_view place, std::string_view reference);
// Sends the browser there, which is told to no one.
http::Response go_on_to(std::string place);
// What a buyer sees who comes back: nothing is known yet, and his order will show it.
http::Response return_page();

// Where the policy of the page lets its form go: the address's own origin, and, because browsers
// hold redirects against it too, the hosts beside it.
std::string form_targets(std::string_view address);

}  // namespace doorbuster::payments
