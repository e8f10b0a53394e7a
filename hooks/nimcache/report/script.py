"""Script: what the probe's containers run, in the shell that the image has.

One pod has 12288 bytes for the termination messages of all its containers, and one container 4096.
So three containers write a page each. Nothing but a shell is needed; awk, gzip and base64 make room
for more profiles.
"""

PAGES = 3
"""How many containers write a page."""

PATHS = (
    "/opt/nim/etc/default/model_manifest.yaml",
    "/etc/nim/config/model_manifest.yaml",
    "/opt/nim/etc/config/default/model_manifest.yaml",
)
"""Where images have their manifest; the first that is there counts."""

MESSAGE = "/dev/termination-log"
"""Where Kubernetes reads a container's last words."""

HUB_CLIENT = "huggingface-cli"
"""The program that downloads where an image has no manifest and no program of a NIM."""

LONGEST = 4096
"""Bytes of a message; the kubelet cuts it there without a word."""

SHARED = "/manifest/model_manifest.yaml"
"""Where the manifest is put for another image to read."""

# The file lists of the workspace are most of a manifest, and say nothing of what a profile is made
# for.
_STRIP = r"""
{ line = $0; sub(/\r$/, "", line); match(line, /^ */); depth = RLENGTH; body = substr(line, depth + 1) }
body == "" || body ~ /^#/ { next }
skipping && (depth > level || (depth == level && body ~ /^- /)) { next }
{ skipping = 0 }
body ~ /^["']?(workspace|container_url|profile_selection_criteria)["']?:/ { skipping = 1; level = depth; next }
body ~ /^- +["']?(workspace|container_url)["']?:/ {
  match(body, /^- +/); level = depth + RLENGTH; skipping = 1; print substr(line, 1, depth + 1); next
}
{ print line }
"""  # noqa: E501 - a line of the script is part of the Job

_LOOK = """\
LC_ALL=C; export LC_ALL
found=
for path in "$@"; do
  if [ -f "$path" ]; then found=$path; break; fi
done
has() { command -v "$1" >/dev/null 2>&1; }
copied() {
  if has cat; then cat "$found"; else while IFS= read -r line || [ -n "$line" ]; do printf '%s\\n' "$line"; done <"$found"; fi
}
"""  # noqa: E501 - a line of the script is part of the Job

_QUOTED = _STRIP.strip().replace("'", "'\\''")

SCRIPT = f"""\
page=$1 message=$2
shift 2
{_LOOK}if [ -z "$found" ]; then
  if has {HUB_CLIENT} && ! has download-to-cache; then set -- ' {HUB_CLIENT}'; else set -- ''; fi
  printf 'v1 none%s' "$1" >"$message"
  exit
fi
stripped() {{
  if has awk; then awk '{_QUOTED}' "$found"; else copied; fi
}}
if has gzip && has base64; then
  form=gzip text=
  for line in $(stripped | gzip -c | base64); do text=$text$line; done
else
  form=plain text=$(stripped)
fi
size=$(((${{#text}} + {PAGES - 1}) / {PAGES}))
if [ "$size" -gt {LONGEST - 32} ]; then printf 'v1 large %s' "${{#text}}" >"$message"; exit; fi
rest=$text at=0
while [ "$at" -lt "$page" ]; do
  part=$(printf "%.${{size}}s." "$rest")
  part=${{part%.}}
  rest=${{rest#"$part"}}
  at=$((at + 1))
done
printf 'v1 %s %s %s %s' "$page" "${{#text}}" "$form" "$part" >"$message"
"""
"""Writes one page.

Its arguments are the number of the page, the file to write to, and where to look for the manifest.
"""

COPY = f"""\
target=$1
shift
{_LOOK}if [ -n "$found" ]; then copied >"$target"; fi
"""
"""Copies the manifest, for an image with the tools to pack it.

Its arguments are the file to write to, and where to look.
"""
