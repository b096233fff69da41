// SPDX-License-Identifier: Apache-2.0
#include "takt/core/sync/members.h"

#include <algorithm>

namespace takt::sync {

Member* Members::find(std::uint32_t id) {
  for (Member& member : all()) {
    if (member.id == id) return &member;
  }
  if (is_complete()) return nullptr;
  Member& member = members_[size_++];
  member.id = id;
  return &member;
}

void Members::reject_foreign() {
  ++foreign_;
  ++rejected_;
}

Hearing Members::hear(const Message& message, LocalTime at, LocalTime now) {
  Hearing hearing;
  if (message.from == 0) {
    reject_foreign();
    return hearing;
  }
  if (message.from == config_.id) {
    ++namesakes_;
    namesake_on_side_ = message.standing.side == config_.side;
    ++rejected_;
    return hearing;
  }
  Member* const member = find(message.from);
  hearing.counts = member != nullptr && admit(*member, message, now, hearing);
  if (!hearing.counts) {
    ++rejected_;
    return hearing;
  }
  member->heard = std::max(member->heard, at);
  hearing.is_newest = message.sequence == member->window.newest();
  if (hearing.is_newest) member->standing = message.standing;
  return hearing;
}

bool Members::admit(Member& member, const Message& message, LocalTime now, Hearing& hearing) {
  hearing.member = static_cast<std::size_t>(&member - members_.data());
  if (!config_.protections.replay_check) {
    if (message.from_life != member.life) meet(member, message.from_life, now, hearing);
    member.window.take(message.sequence);
    if (message.to_life != config_.life) member.greet = true;
    return true;
  }
  if (message.from_life < member.life || message.from_life == 0) return false;
  if (message.to_life != config_.life) {
    member.candidate = message.from_life;
    member.greet = true;
    return false;
  }
  if (message.from_life > member.life) meet(member, message.from_life, now, hearing);
  return member.window.take(message.sequence);
}

/// A life of a device that we did not know.
void Members::meet(Member& member, std::uint32_t life, LocalTime now, Hearing& hearing) {
  hearing.is_new_life = true;
  hearing.is_restart = member.is_met();
  const std::uint32_t id = member.id;
  member = {};
  member.id = id;
  member.life = life;
  member.heard = now;
  member.greet = true;
}

bool Members::all_present(LocalTime now) const { return count_present(now) == config_.peers; }

std::size_t Members::count_present(LocalTime now) const {
  return static_cast<std::size_t>(std::ranges::count_if(
      all(), [this, now](const Member& member) { return is_present(member, now); }));
}

LocalTime Members::last_heard(LocalTime start) const {
  if (size_ == 0) return start;
  LocalTime heard;
  for (const Member& member : all()) heard = std::max(heard, member.heard);
  return heard;
}

std::size_t Members::count_on_own_side(LocalTime now) const {
  std::size_t count = namesake_on_side_ ? 1 : 0;
  for (const Member& member : all()) {
    count += is_present(member, now) && member.standing.side == config_.side;
  }
  return count;
}

bool Members::all_on_one_side() const {
  if (config_.peers == 1 && size_ == 0) return namesake_on_side_;
  return is_complete() && std::ranges::all_of(all(), [this](const Member& member) {
           return member.is_met() && member.standing.side == config_.side;
         });
}

void Members::greet_all() {
  for (Member& member : all()) member.greet = member.is_met();
}

}  // namespace takt::sync
