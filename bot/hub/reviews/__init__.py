"""Reviews: verdicts, conversations on lines, and who is asked for one. Every change is announced."""

from bot.hub.reviews.requests import ReviewRequests
from bot.hub.reviews.reviews import Reviews, Submission, find_review, visible_reviews
from bot.hub.reviews.threads import Conversation, Draft, Threads, find_review_comment, find_thread

__all__ = [
    "Conversation",
    "Draft",
    "ReviewRequests",
    "Reviews",
    "Submission",
    "Threads",
    "find_review",
    "find_review_comment",
    "find_thread",
    "visible_reviews",
]
