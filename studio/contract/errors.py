"""Error codes of the REST API and the HTTP status each travels with."""

from __future__ import annotations

from enum import StrEnum


class Code(StrEnum):
    """The ``code`` member of a problem document (RFC 9457)."""

    BAD_REQUEST = "bad_request"
    UNAUTHORIZED = "unauthorized"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    CONFLICT = "conflict"
    ILLEGAL_MOVE = "illegal_move"
    PROPERTY_IMMUTABLE = "property_immutable"
    PARAMETER_IMMUTABLE = "parameter_immutable"
    FILE_EXISTS = "file_exists"
    WRONG_KIND = "wrong_kind"
    GAP = "gap"
    TOO_LARGE = "too_large"
    UNSUPPORTED_MEDIA_TYPE = "unsupported_media_type"
    CHECKSUM = "checksum"
    RATE_LIMITED = "rate_limited"
    STORAGE_FULL = "storage_full"
    NOT_INSTALLED = "not_installed"
    INTERNAL = "internal"


HTTP_STATUS: dict[Code, int] = {
    Code.BAD_REQUEST: 400,
    Code.UNAUTHORIZED: 401,
    Code.FORBIDDEN: 403,
    Code.NOT_FOUND: 404,
    Code.METHOD_NOT_ALLOWED: 405,
    Code.CONFLICT: 409,
    Code.ILLEGAL_MOVE: 409,
    Code.PROPERTY_IMMUTABLE: 409,
    Code.PARAMETER_IMMUTABLE: 409,
    Code.FILE_EXISTS: 409,
    Code.WRONG_KIND: 409,
    Code.GAP: 409,
    Code.TOO_LARGE: 413,
    Code.UNSUPPORTED_MEDIA_TYPE: 415,
    Code.CHECKSUM: 422,
    Code.RATE_LIMITED: 429,
    Code.INTERNAL: 500,
    Code.NOT_INSTALLED: 501,
    Code.STORAGE_FULL: 507,
}
