#!/bin/sh
# Stands in for yt-dlp in tests: understands the arguments that Woofer gives it, and has faults on demand.
#
# WOOFER_STAND_IN names a folder with
#   sound/ID    a file with the sound of video ID
#   faults/ID   what befalls the video: gone, private, blocked, age, busy, hang, short, late, wait; none if it is not there
#   tries/ID    written here: a letter for each attempt
# WOOFER_STAND_IN_DELAY is the time that YouTube takes to answer, in seconds.
set -u
if [ "$1" = --version ]; then
    echo 2026.10.26
    exit 0
fi
sections=
while [ $# -gt 0 ]; do
    case $1 in
    --download-sections) sections="$sections ${2#\*}" && shift ;;
    --downloader-args) copyts=${2#ffmpeg:} && shift ;;
    --output) output=$2 && shift ;;
    --print) print=$2 && shift ;;
    https://www.youtube.com/watch\?v=*) id=${1#*=} ;;
    esac
    shift
done
dir=$WOOFER_STAND_IN
fault=none
[ -e "$dir/faults/$id" ] && read -r fault <"$dir/faults/$id"
first=true
[ -s "$dir/tries/$id" ] && first=false
printf x >>"$dir/tries/$id"
[ -n "${WOOFER_STAND_IN_DELAY:-}" ] && sleep "$WOOFER_STAND_IN_DELAY"

fail() {
    echo "ERROR: [youtube] $id: $1" >&2
    exit 1
}
case $fault in
gone) fail 'Video unavailable. This video has been removed by the uploader' ;;
private) fail "Private video. Sign in if you've been granted access to this video" ;;
blocked) fail 'Video unavailable. The uploader has not made this video available in your country' ;;
age) fail 'Sign in to confirm your age. This video may be inappropriate for some users.' ;;
esac
if $first; then
    case $fault in
    busy) fail 'Unable to download API page: HTTP Error 429: Too Many Requests' ;;
    # With a child of its own, as yt-dlp has ffmpeg.
    hang) sleep 3600 & wait ;;
    esac
fi

if [ -z "$sections" ]; then
    cp "$dir/sound/$id" "whole.mka"
    [ -n "${print:-}" ] && echo "woofer-duration 240"
    exit 0
fi
for section in $sections; do
    start=${section%-*}
    end=${section#*-}
    # Servers begin where they like: up to nine seconds early, the same for a video each time.
    early=$(printf %s "$id" | cksum | cut -c 1)
    from=$((start > early ? start - early : 0))
    length=$((end - from))
    # A section that breaks off, or begins late.
    [ "$fault" = short ] && length=$((start + 1 - from))
    [ "$fault" = late ] && from=$((start + 2)) && length=$((end - from))
    ffmpeg -nostdin -loglevel error -y -ss "$from" -t "$length" -i "$dir/sound/$id" -c copy "${copyts:--copyts}" \
        "$start.mka" </dev/null || fail 'ffmpeg exited with code 1'
done
