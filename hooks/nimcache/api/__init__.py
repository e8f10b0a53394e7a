"""NIMCache's API: what users write and read back, and what a NIMService reads of it.

A NIMCache is somebody else's object by the time a hook sees it. So these models insist on types alone; values are the API
server's business, and a field that only the download needs may be missing.
"""

from hooks.nimcache.api.nimcache import NIMCache as NIMCache
