"""Writes the sound files in this folder. Needs numpy and ffmpeg (with libmp3lame, libvorbis, libopus, libtwolame).

    python generate.py

Every file holds the same sound: a chirp, `signal` below, that the tests make again in Rust. Several files are made
at odd rates or channel counts on purpose; channel k of n holds the chirp times (k + 1) / n, so that the mean of the
channels is the chirp times (n + 1) / (2 n).
"""
import os, subprocess, sys, tempfile, wave
import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))


def signal(rate, seconds):
    """0.5 sin(2 pi (200 t + 1000 t^2)): from 200 Hz, rising by 2000 Hz a second."""
    t = np.arange(round(rate * seconds)) / rate
    return 0.5 * np.sin(2 * np.pi * (200 * t + 1000 * t * t))


def write_wav(path, rate, channels, seconds):
    mono = signal(rate, seconds)
    frames = np.stack([mono * (k + 1) / channels for k in range(channels)], axis=1)
    with wave.open(path, "wb") as out:
        out.setnchannels(channels), out.setsampwidth(2), out.setframerate(rate)
        out.writeframes(np.round(frames * 32768).astype("<i2").tobytes())


def ffmpeg(*arguments):
    subprocess.run(["ffmpeg", "-hide_banner", "-loglevel", "error", "-y", *arguments], check=True, cwd=HERE)


BITEXACT = ["-map_metadata", "-1", "-fflags", "+bitexact", "-flags:a", "+bitexact"]
# name, rate, channels, seconds, what ffmpeg is told
FILES = [
    ("chirp_44100_mono.mp3", 44100, 1, 0.5, ["-c:a", "libmp3lame", "-b:a", "64k"]),
    ("chirp_48000_stereo_vbr.mp3", 48000, 2, 0.5, ["-c:a", "libmp3lame", "-q:a", "4"]),
    ("chirp_16000_mono.mp3", 16000, 1, 0.5, ["-c:a", "libmp3lame", "-b:a", "32k"]),
    ("chirp_24000_no_xing.mp3", 24000, 1, 0.5, ["-c:a", "libmp3lame", "-b:a", "48k", "-write_xing", "0"]),
    ("chirp_44100_stereo.mp2", 44100, 2, 0.4, ["-c:a", "libtwolame", "-b:a", "128k"]),
    ("chirp_16000_mono.flac", 16000, 1, 0.5, ["-c:a", "flac"]),
    ("chirp_44100_stereo.flac", 44100, 2, 0.3, ["-c:a", "flac"]),
    ("chirp_44100_mono.ogg", 44100, 1, 0.5, ["-c:a", "libvorbis", "-q:a", "4", "-page_duration", "100000"]),
    ("chirp_44100_mono_other_serial.ogg", 44100, 1, 0.5, ["-c:a", "libvorbis", "-q:a", "4", "-serial_offset", "7"]),
    ("chirp_16000_stereo.ogg", 16000, 2, 0.5, ["-c:a", "libvorbis", "-q:a", "4"]),
    ("chirp_16000_mono_flac.ogg", 16000, 1, 0.3, ["-c:a", "flac", "-f", "ogg"]),
    ("chirp_44100_mono.m4a", 44100, 1, 0.5, ["-c:a", "aac", "-b:a", "96k"]),
    ("chirp_48000_stereo_faststart.m4a", 48000, 2, 0.5, ["-c:a", "aac", "-b:a", "96k", "-movflags", "+faststart"]),
    ("chirp_44100_mono_fragmented.m4a", 44100, 1, 0.5, ["-c:a", "aac", "-b:a", "96k", "-movflags", "+frag_keyframe+empty_moov"]),
    ("chirp_16000_mono_alac.m4a", 16000, 1, 0.4, ["-c:a", "alac"]),
    ("chirp_44100_mono.aac", 44100, 1, 0.5, ["-c:a", "aac", "-b:a", "96k", "-f", "adts"]),
    ("chirp_8000_mono.aiff", 8000, 1, 0.5, ["-c:a", "pcm_s16be"]),
    ("chirp_16000_stereo_f32.aiff", 16000, 2, 0.1, ["-c:a", "pcm_f32be"]),
    ("chirp_16000_mono.caf", 16000, 1, 0.3, ["-c:a", "pcm_s16le"]),
    ("chirp_16000_mono_alac.caf", 16000, 1, 0.3, ["-c:a", "alac"]),
    ("chirp_16000_mono_ima.wav", 16000, 1, 0.5, ["-c:a", "adpcm_ima_wav"]),
    ("chirp_16000_stereo_ms.wav", 16000, 2, 0.5, ["-c:a", "adpcm_ms"]),
    # Recognised and refused:
    ("chirp_48000_mono_opus.ogg", 48000, 1, 0.3, ["-c:a", "libopus", "-b:a", "24k"]),
    ("chirp_48000_mono_opus.webm", 48000, 1, 0.3, ["-c:a", "libopus", "-b:a", "24k"]),
    ("chirp_48000_mono_opus.mp4", 48000, 1, 0.3, ["-c:a", "libopus", "-b:a", "24k"]),
    ("chirp_44100_mono.wma", 44100, 1, 0.3, ["-c:a", "wmav2", "-b:a", "48k"]),
    ("chirp_44100_mono_mp3.wav", 44100, 1, 0.3, ["-c:a", "libmp3lame", "-b:a", "48k", "-f", "wav"]),
]


def tag_with_picture(audio):
    """An ID3v2.4 tag with a "picture" full of false frame headers, and ID3v1 behind."""
    picture = b"\x00image/jpeg\x00\x03\x00" + b"\xff\xd8\xff" + bytes([0xFF, 0xFB, 0x90, 0x44]) * 400
    syncsafe = lambda n: bytes([(n >> s) & 0x7F for s in (21, 14, 7, 0)])
    frame = b"APIC" + syncsafe(len(picture)) + b"\x00\x00" + picture
    return b"ID3\x04\x00\x00" + syncsafe(len(frame)) + frame + audio + b"TAG" + b"chirp".ljust(125, b"\x00")


def main():
    with tempfile.TemporaryDirectory() as folder:
        for name, rate, channels, seconds, told in FILES:
            source = os.path.join(folder, "in.wav")
            write_wav(source, rate, channels, seconds)
            ffmpeg("-i", source, *BITEXACT, *told, name)
    read = lambda name: open(os.path.join(HERE, name), "rb").read()
    with open(os.path.join(HERE, "chirp_16000_tagged.mp3"), "wb") as out:
        out.write(tag_with_picture(read("chirp_16000_mono.mp3")))
    with open(os.path.join(HERE, "rate_change.mp3"), "wb") as out:
        out.write(read("chirp_24000_no_xing.mp3") + read("chirp_16000_mono.mp3"))


if __name__ == "__main__":
    sys.exit(main())
