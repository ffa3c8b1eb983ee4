use std::convert::Infallible;

use noto_sans_mono_bitmap::{FontWeight, RasterHeight, get_raster, get_raster_width};
use plotters_backend::text_anchor::{HPos, VPos};
use plotters_backend::{BackendColor, BackendCoord, BackendTextStyle, DrawingBackend, DrawingErrorKind};

/// Parts of a unit, as pictures are drawn in, that make one pixel: what is drawn is averaged over them.
pub(super) const PARTS_A_PIXEL: u32 = 2;

/// A picture as pixels, drawn in parts of a pixel; letters are set last, in whole pixels.
///
/// The letters are Noto Sans Mono, drawn in advance, so that a picture needs no font on the machine and is the same
/// everywhere. A character that is not there is a question mark.
pub(super) struct Pixels {
    width: u32,
    height: u32,
    /// In parts, row by row.
    parts: Vec<[u8; 3]>,
    words: Vec<Word>,
}

/// A text to be set.
struct Word {
    text: String,
    /// Left end and middle of the height, in pixels.
    place: (i32, i32),
    size: RasterHeight,
    color: [u8; 3],
}

impl Pixels {
    /// A white picture of a size in parts.
    pub fn new((width, height): (u32, u32)) -> Self {
        Self {
            width,
            height,
            parts: vec![[255; 3]; width as usize * height as usize],
            words: Vec::new(),
        }
    }

    /// Paints a rectangle, given in parts as left, top, width and height, by the colour at shares of its width and height.
    pub fn paint(
        &mut self,
        (left, top, width, height): (i32, i32, i32, i32),
        color: impl Fn(f64, f64) -> [u8; 3],
    ) {
        for y in 0..height {
            for x in 0..width {
                let share = |n: i32, all: i32| (f64::from(n) + 0.5) / f64::from(all.max(1));
                self.set((left + x, top + y), color(share(x, width), share(y, height)), 1.0);
            }
        }
    }

    fn set(&mut self, (x, y): BackendCoord, color: [u8; 3], alpha: f64) {
        let place = |n: i32, limit: u32| u32::try_from(n).ok().filter(|n| *n < limit);
        if let (Some(x), Some(y)) = (place(x, self.width), place(y, self.height))
            && let Some(part) = self.parts.get_mut(y as usize * self.width as usize + x as usize)
        {
            *part = mixed(*part, color, alpha);
        }
    }

    /// Width, height and the pixels row by row.
    pub fn finish(self) -> (u32, u32, Vec<u8>) {
        let (width, height) = (self.width / PARTS_A_PIXEL, self.height / PARTS_A_PIXEL);
        let side = PARTS_A_PIXEL as usize;
        let mut pixels = Vec::with_capacity(width as usize * height as usize);
        for y in 0..height as usize {
            for x in 0..width as usize {
                let mut sum = [0u32; 3];
                for row in y * side..(y + 1) * side {
                    let from = row * self.width as usize + x * side;
                    for part in self.parts.get(from..from + side).unwrap_or_default() {
                        sum.iter_mut()
                            .zip(part)
                            .for_each(|(sum, c)| *sum += u32::from(*c));
                    }
                }
                let mean = |sum: u32| u8::try_from(sum / (PARTS_A_PIXEL * PARTS_A_PIXEL)).unwrap_or(u8::MAX);
                pixels.push(sum.map(mean));
            }
        }
        for word in &self.words {
            word.set(&mut pixels, (width, height));
        }
        (width, height, pixels.into_flattened())
    }
}

impl Word {
    fn set(&self, pixels: &mut [[u8; 3]], (width, height): (u32, u32)) {
        let mut left = i64::from(self.place.0);
        let top = i64::from(self.place.1) - i64::from(whole(self.size.val()) / 2);
        for letter in self.text.chars() {
            let raster = get_raster(letter, FontWeight::Regular, self.size)
                .or_else(|| get_raster('?', FontWeight::Regular, self.size));
            let Some(raster) = raster else { continue };
            for (y, row) in (top..).zip(raster.rows()) {
                for (x, ink) in (left..).zip(row) {
                    let is_inside = (0..i64::from(width)).contains(&x) && (0..i64::from(height)).contains(&y);
                    let place = usize::try_from(y * i64::from(width) + x).ok();
                    if let Some(pixel) = place.filter(|_| is_inside).and_then(|at| pixels.get_mut(at)) {
                        *pixel = mixed(*pixel, self.color, f64::from(*ink) / 255.0);
                    }
                }
            }
            left += i64::from(whole(raster.width()));
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "between two bytes"
)]
fn mixed(below: [u8; 3], above: [u8; 3], alpha: f64) -> [u8; 3] {
    let mut mixed = below;
    for (below, above) in mixed.iter_mut().zip(above) {
        *below = (f64::from(*below) * (1.0 - alpha) + f64::from(above) * alpha).round() as u8;
    }
    mixed
}

fn whole(pixels: usize) -> i32 {
    i32::try_from(pixels).unwrap_or(i32::MAX)
}

fn rgb(color: BackendColor) -> [u8; 3] {
    let (red, green, blue) = color.rgb;
    [red, green, blue]
}

/// What plotters draws pixels with.
pub(super) struct PixelBackend<'a>(pub &'a mut Pixels);

impl DrawingBackend for PixelBackend<'_> {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        (self.0.width, self.0.height)
    }

    fn ensure_prepared(&mut self) -> Result<(), DrawingErrorKind<Infallible>> {
        Ok(())
    }

    fn present(&mut self) -> Result<(), DrawingErrorKind<Infallible>> {
        Ok(())
    }

    fn draw_pixel(
        &mut self,
        point: BackendCoord,
        color: BackendColor,
    ) -> Result<(), DrawingErrorKind<Infallible>> {
        self.0.set(point, rgb(color), color.alpha);
        Ok(())
    }

    fn draw_text<S: BackendTextStyle>(
        &mut self,
        text: &str,
        style: &S,
        (x, y): BackendCoord,
    ) -> Result<(), DrawingErrorKind<Infallible>> {
        let side = PARTS_A_PIXEL.cast_signed();
        // See `letters`: what is asked for is the height of the letters times 1.24, in parts.
        let height = style.size() / 1.24 / f64::from(side);
        let raster = if height < 26.0 {
            RasterHeight::Size24
        } else {
            RasterHeight::Size32
        };
        let width = text.chars().count() * get_raster_width(FontWeight::Regular, raster);
        let left = match style.anchor().h_pos {
            HPos::Left => 0,
            HPos::Right => whole(width),
            HPos::Center => whole(width) / 2,
        };
        let middle = match style.anchor().v_pos {
            VPos::Top => whole(raster.val()) / 2,
            VPos::Center => 0,
            VPos::Bottom => -whole(raster.val()) / 2,
        };
        self.0.words.push(Word {
            text: text.to_owned(),
            place: (x / side - left, y / side + middle),
            size: raster,
            color: rgb(style.color()),
        });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plotters::prelude::*;

    #[test]
    fn parts_are_averaged_and_letters_have_ink() {
        let mut pixels = Pixels::new((200, 80));
        {
            let area = PixelBackend(&mut pixels).into_drawing_area();
            area.draw(&Rectangle::new([(0, 0), (0, 79)], BLACK.filled()))
                .unwrap();
        }
        let (width, height, bytes) = pixels.finish();
        assert_eq!((width, height, bytes.len()), (100, 40, 100 * 40 * 3));
        assert_eq!(bytes[..6], [127, 127, 127, 255, 255, 255]);
    }

    #[test]
    fn a_character_without_a_drawing_is_a_question_mark() {
        let written = |text: &str| {
            let mut pixels = Pixels::new((100, 100));
            pixels.words.push(Word {
                text: text.to_owned(),
                place: (10, 25),
                size: RasterHeight::Size24,
                color: [0; 3],
            });
            pixels.finish().2
        };
        assert!(written("a").iter().any(|c| *c < 128));
        assert_eq!(written("犬"), written("?"));
        assert_ne!(written("é"), written("?"));
    }
}
