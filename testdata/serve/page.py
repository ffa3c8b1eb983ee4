"""Clicks through the page as a person would, in headless Chromium, and takes pictures to look at.

usage: page.py URL FOLDER CLIP [CLIP...]
Needs playwright (requirements.txt) and a Chromium, whose path CHROMIUM may tell. The first clip should last five seconds.
"""

import os
import re
import sys
import time

from playwright.sync_api import expect, sync_playwright

url, folder, clips = sys.argv[1].rstrip("/") + "/", sys.argv[2], sys.argv[3:]
os.makedirs(folder, exist_ok=True)
here = os.path.dirname(os.path.abspath(__file__))


def shot(page, name):
    page.screenshot(path=os.path.join(folder, name + ".png"), full_page=True)


def check(truth, what):
    print("well:" if truth else "WRONG:", what, flush=True)
    if not truth:
        sys.exit(1)


def until(page, truth):
    """Waits for something to be so; the page's policy forbids playwright's own way, which is an eval in the page."""
    deadline = time.time() + 15
    while not page.evaluate(truth):
        if time.time() > deadline:
            check(False, truth)
        page.wait_for_timeout(10)


# Keeps the microphone's tracks, and gives them out after a while, as a browser does that asks whether it may.
MICROPHONE = """
window.tracks = [];
const give = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (wanted) => {
  await new Promise((done) => setTimeout(done, 300));
  const stream = await give(wanted);
  tracks.push(...stream.getTracks());
  return stream;
};
"""


def microphone(browser):
    """However Record is clicked, one microphone is on at most, and none after Stop or a failure."""
    page = browser.new_context().new_page()
    page.add_init_script(MICROPHONE)
    page.goto(url)
    states = "tracks.map(track => track.readyState)"
    record = page.locator("#record")

    def stop(name, count):
        expect(record).to_have_text("Stop")
        until(page, "document.querySelector('#elapsed').textContent >= '0:01'")
        found = page.evaluate(states)
        check(found == ["ended"] * (count - 1) + ["live"], f"one microphone is on {found}")
        record.click()
        expect(page.locator("#name")).to_have_text(name)
        found = page.evaluate(states)
        check(found == ["ended"] * count, f"after Stop none is on {found}")
        elapsed = page.locator("#elapsed").text_content()
        page.wait_for_timeout(1500)
        check(page.locator("#elapsed").text_content() == elapsed, "after Stop no time is counted")

    record.dblclick()
    stop("Recording 1.wav", 1)
    record.click()
    page.wait_for_timeout(100)
    record.click()
    stop("Recording 2.wav", 2)

    # A recorder that cannot be loaded, and one that cannot listen to what it is given.
    for broken, said in [
        ("AudioContext.prototype.createMediaStreamSource = () => { throw new Error('no source') }", "no source"),
        ("AudioWorklet.prototype.addModule = async () => { throw new Error('no module') }", "cannot be loaded"),
    ]:
        page.evaluate(f"void ({broken})")
        record.click()
        expect(page.locator("#message.error")).to_contain_text(said)
        expect(record).to_have_text("Record")
        found = page.evaluate(states)
        check("live" not in found, f"where the recorder fails none is on {found}")
    page.context.close()


def token(browser, clip):
    """With a token asked for, everything that was given before it is heard after it, and the links work."""
    context = browser.new_context()

    def guard(route):
        if route.request.headers.get("authorization") == "Bearer secret":
            return route.continue_()
        problem = {"error": {"code": "unauthorized", "message": "this service asks for a token"}}
        return route.fulfill(status=401, json=problem)

    for path in ["v1/**", "openapi.json", "metrics"]:
        context.route(url + path, guard)
    page = context.new_page()
    page.goto(url)
    expect(page.locator("#token-form")).to_be_visible()
    # The second is one that the browser cannot play by itself.
    caf = os.path.join(here, "..", "audio", "chirp_16000_mono.caf")
    page.locator("#file").set_input_files([caf, clip, caf])
    buttons = page.locator("#recordings button")
    unheard = buttons.filter(has_text=re.compile("not (readable|heard)$"))
    expect(unheard).to_have_count(3)
    for wrong_or_right in ["wrong", "secret"]:
        page.locator("#token").fill(wrong_or_right)
        page.get_by_role("button", name="Go on").click()
        expect(page.locator("#token-form")).to_be_visible(visible=wrong_or_right == "wrong")
    expect(unheard).to_have_count(0)
    expect(buttons.filter(has_text="…")).to_have_count(0)
    expect(page.locator("#message")).to_be_hidden()
    until(page, "document.querySelector('#player').duration > 0")
    check(True, "what was given before the token is heard after it")
    for name, text in [("API", '"openapi"'), ("Metrics", "# HELP")]:
        with context.expect_page() as opened:
            page.get_by_role("link", name=name).click()
        expect(opened.value.locator("body")).to_contain_text(text)
        check(True, f"{name} is shown to those with the token")
    context.close()


def no_model(browser, clip):
    """A service that waits for its first model says so, and hears what was given when it comes."""
    page = browser.new_page()
    models = url + "v1/models"
    page.route(models, lambda route: route.fulfill(json={"models": []}))
    problem = {"error": {"code": "not_ready", "message": "no model is loaded"}}
    page.route(url + "v1/*?*", lambda route: route.fulfill(status=503, json=problem))
    page.goto(url)
    expect(page.locator("#message")).to_have_text("The service has no model yet.")
    page.locator("#file").set_input_files(clip)
    page.unroute(url + "v1/*?*")
    page.unroute(models)
    expect(page.locator("#message")).to_be_hidden()
    expect(page.locator("#scores .row-name")).not_to_have_count(0)
    check(True, "a service without a model says so until it has one")
    page.context.close()


with sync_playwright() as playwright:
    browser = playwright.chromium.launch(
        executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"),
        args=[
            "--no-sandbox",
            "--use-fake-device-for-media-stream",
            "--use-fake-ui-for-media-stream",
            "--autoplay-policy=no-user-gesture-required",
        ],
    )
    context = browser.new_context(viewport={"width": 1100, "height": 900}, color_scheme="light")
    page = context.new_page()
    said, asked = [], []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(url)
    expect(page.locator("#model option")).not_to_have_count(0)
    shot(page, "1-empty-light")

    # A file by the button, as a click opens the system's dialog.
    started = time.time()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose a file").click()
    chooser.value.set_files(clips[0])
    until(page, "document.querySelector('#log-mel').naturalWidth > 0")
    first_picture = time.time() - started
    check(first_picture < 1, f"the first picture is there after {first_picture * 1000:.0f} ms")
    expect(page.locator("#scores .row-name")).not_to_have_count(0)
    check("Listening" not in page.locator("#message").inner_text(), "the page says no more that it listens")
    drawn = "c => c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some(v => v > 0)"
    check(page.locator("#waveform").evaluate(drawn), "the waveform is drawn")
    check(page.locator("#scores canvas").first.evaluate(drawn), "the scores are drawn")
    until(page, "document.querySelector('#player').duration > 0")
    shot(page, "2-file-light")

    # Events: those of the model's own modes, the more of them the readier it is.
    counts = []
    if page.locator("#mode").input_value() != "score":
        for mode in ["quiet", "balanced", "sensitive"]:
            page.locator("#mode").select_option(mode)
            counts.append(page.get_by_role("button", name="Play ").count())
            shot(page, f"2-{mode}-light")
        check(counts == sorted(counts), f"quiet, balanced and sensitive mode find {counts} events")
        check(page.locator("#threshold").is_hidden(), "a mode has no slider")
        page.locator("#mode").select_option("score")

    # And those from one score on: lower it by keyboard until there is one, and play it.
    page.locator("#threshold").focus()
    for _ in range(9):
        page.keyboard.press("ArrowLeft")
    expect(page.locator("#threshold-value")).to_have_text("0.05")
    event = page.get_by_role("button", name="Play ").first
    expect(event).to_be_visible()
    event.click()
    until(page, "!document.querySelector('#player').paused")
    until(page, "document.querySelector('#player').currentTime > 0.2")
    check(True, f"plays {event.get_attribute('aria-label')}")
    page.locator("#player").evaluate("p => p.pause()")

    # A click into the waveform goes there.
    box = page.locator("#waveform").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    place = page.locator("#player").evaluate("p => p.currentTime / p.duration")
    check(abs(place - 0.5) < 0.05, "a click into the waveform goes there")

    # The microphone, which Chromium plays beeps into.
    page.get_by_role("button", name="Record").click()
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    until(page, "document.querySelector('#elapsed').textContent >= '0:02'")
    shot(page, "3-recording")
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("#name")).to_have_text("Recording 1.wav")
    until(page, "document.querySelector('#log-mel').naturalWidth > 0")
    expect(page.locator("#facts")).to_contain_text("WAV")
    expect(page.locator("#recordings button")).to_have_count(2)

    # Several files, one of them no sound, dropped.
    broken = os.path.join(folder, "notes.txt")
    open(broken, "w").write("no sound at all")
    page.locator("#file").set_input_files([*clips[1:], broken])
    expect(page.get_by_role("button", name="notes.txt: not readable")).to_be_visible(timeout=20_000)
    page.get_by_role("button", name="notes.txt").click()
    expect(page.locator("#message")).to_contain_text("is not audio")
    shot(page, "4-not-audio")

    # What the service cannot read the browser decodes.
    opus = os.path.join(here, "..", "audio", "chirp_48000_mono_opus.webm")
    page.locator("#file").set_input_files(opus)
    expect(page.locator("#name")).to_have_text("chirp_48000_mono_opus.webm")
    expect(page.locator("#facts")).to_contain_text("WAV")
    expect(page.locator("#message")).to_be_hidden()
    check(True, "WebM with Opus is decoded by the browser")
    # What the browser cannot play the service turns into a WAV.
    caf = os.path.join(here, "..", "audio", "chirp_16000_mono.caf")
    page.locator("#file").set_input_files(caf)
    expect(page.locator("#facts")).to_contain_text("CAF")
    until(page, "document.querySelector('#player').duration > 0")
    check(True, "CAF is turned into a WAV and can be played")

    # Another model.
    models = page.locator("#model option").all_inner_texts()
    if len(models) > 1:
        before = page.locator("#scores").inner_text()
        page.locator("#model").select_option(models[1])
        expect(page.locator("#scores")).not_to_have_text(before)
        until(page, "document.querySelectorAll('#scores .row-name').length > 0")
        shot(page, "5-other-model")
        check(True, f"{models[1]} answers after {models[0]}")

    foreign = [address for address in asked if not address.startswith((url, "blob:", "data:"))]
    check(not foreign, f"no request leaves for elsewhere {foreign}")
    refused = [line for line in said if "422" not in line]
    check(not refused, f"the console shows no errors {refused}")

    # Keyboard only: from the address bar to the file button.
    page.goto(url)
    expect(page.locator("#model option")).not_to_have_count(0)
    reached = []
    for _ in range(3):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.id"))
    check(reached == ["model", "choose", "record"], f"Tab reaches {reached}")
    with page.expect_file_chooser():
        page.locator("#choose").press("Enter")
    check(True, "Enter opens the file dialog")

    for name, width, scheme in [("6-dark", 1100, "dark"), ("7-phone-dark", 375, "dark"), ("8-phone-light", 375, "light")]:
        small = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme, device_scale_factor=2)
        page = small.new_page()
        page.goto(url)
        expect(page.locator("#model option")).not_to_have_count(0)
        page.locator("#file").set_input_files(clips[-1])
        until(page, "document.querySelector('#log-mel').naturalWidth > 0")
        expect(page.locator("#scores .row-name")).not_to_have_count(0)
        page.locator("#threshold").evaluate("t => { t.value = 0.2; t.dispatchEvent(new Event('input')) }")
        page.wait_for_timeout(300)
        shot(page, name)
        wide = page.evaluate("document.documentElement.scrollWidth")
        check(wide <= width, f"{name}: nothing is wider than the screen ({wide} of {width})")

    microphone(browser)
    token(browser, clips[0])
    no_model(browser, clips[0])
    browser.close()
print("all well")
