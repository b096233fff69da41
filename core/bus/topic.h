// SPDX-License-Identifier: Apache-2.0
// What a message is about, and what it may carry.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>

#include "takt/core/bus/pool.h"

namespace takt::bus {

inline constexpr std::size_t kMaxTopics = 64;

/// The payload of topics whose messages are a run of bytes with a length of their own.
struct Bytes {};

namespace detail {

template <typename T>
inline constexpr bool kIsView = false;
template <typename T, std::size_t kExtent>
inline constexpr bool kIsView<std::span<T, kExtent>> = true;
template <typename C, typename Traits>
inline constexpr bool kIsView<std::basic_string_view<C, Traits>> = true;

/// Tells payload types apart at run time, without RTTI: each has its own address.
template <typename P>
inline constexpr char kTypeMark = 0;

}  // namespace detail

/// What may travel: a value without destructor that owns all it says. Pointers and views are
/// refused, because what they point to may be gone when a consumer looks. (A pointer inside a
/// struct cannot be seen from here; the law is the same.)
template <typename P>
concept Payload = std::is_trivially_copyable_v<P> && std::is_trivially_destructible_v<P> &&
                  std::is_default_constructible_v<P> && !std::is_pointer_v<P> &&
                  !std::is_member_pointer_v<P> && !std::is_const_v<P> && !detail::kIsView<P> &&
                  alignof(P) <= Pool::kAlignment;

/// A kind of message. Constants of the program, one number each:
/// `inline constexpr Topic<Battery> kBattery{3, "battery"};`
template <Payload P>
struct Topic {
  std::uint8_t number = 0;  ///< Below kMaxTopics.
  const char* name = "";    ///< For metrics: lower case, digits, '_' and '.'.
};

}  // namespace takt::bus
