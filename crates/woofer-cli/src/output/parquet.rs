use std::sync::Arc;

use anyhow::Context;
use parquet::basic::{Encoding, LogicalType, Repetition, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, FloatType};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::Type;

use super::file_result::FileResult;
use super::ranking::Selection;
use super::rows::{Row, each_row};
use super::sink::Sink;

/// Rows that are held before they are written as a group.
const GROUP: usize = 1 << 17;

/// The rows of CSV as a Parquet file; what a failed file has not is null.
pub struct ParquetResults<'a> {
    writer: SerializedFileWriter<Sink>,
    classes: &'a [String],
    selection: &'a Selection,
    columns: Columns,
}

/// Rows that wait to be written, column by column.
#[derive(Default)]
struct Columns {
    paths: Vec<ByteArray>,
    /// Whether a row has times, a label and a score.
    is_scored: Vec<i16>,
    onsets: Vec<f64>,
    offsets: Vec<f64>,
    labels: Vec<ByteArray>,
    scores: Vec<f32>,
    is_failed: Vec<i16>,
    errors: Vec<ByteArray>,
}

impl<'a> ParquetResults<'a> {
    pub fn new(sink: Sink, classes: &'a [String], selection: &'a Selection) -> anyhow::Result<Self> {
        let properties = WriterProperties::builder()
            .set_created_by(concat!("woofer ", env!("CARGO_PKG_VERSION")).to_owned())
            // Neighbouring scores share nothing that a dictionary could use.
            .set_column_dictionary_enabled("score".into(), false)
            .set_column_encoding("score".into(), Encoding::PLAIN)
            .build();
        let writer = SerializedFileWriter::new(sink, Arc::new(schema()?), Arc::new(properties))?;
        Ok(Self {
            writer,
            classes,
            selection,
            columns: Columns::default(),
        })
    }

    pub fn write(&mut self, result: &FileResult) -> anyhow::Result<()> {
        let columns = &mut self.columns;
        each_row(result, self.classes, self.selection, |row| {
            columns.push(&row);
            Ok(())
        })?;
        if self.columns.paths.len() >= GROUP {
            self.write_group()?;
        }
        Ok(())
    }

    fn write_group(&mut self) -> anyhow::Result<()> {
        let columns = std::mem::take(&mut self.columns);
        if columns.paths.is_empty() {
            return Ok(());
        }
        let mut group = self.writer.next_row_group()?;
        next_column::<ByteArrayType>(&mut group, &columns.paths, None)?;
        next_column::<DoubleType>(&mut group, &columns.onsets, Some(&columns.is_scored))?;
        next_column::<DoubleType>(&mut group, &columns.offsets, Some(&columns.is_scored))?;
        next_column::<ByteArrayType>(&mut group, &columns.labels, Some(&columns.is_scored))?;
        next_column::<FloatType>(&mut group, &columns.scores, Some(&columns.is_scored))?;
        next_column::<ByteArrayType>(&mut group, &columns.errors, Some(&columns.is_failed))?;
        group.close()?;
        Ok(())
    }

    pub fn finish(mut self) -> anyhow::Result<()> {
        self.write_group()?;
        self.writer.into_inner()?.finish()
    }
}

impl Columns {
    fn push(&mut self, row: &Row<'_>) {
        self.paths.push(row.path.into());
        self.is_scored.push(i16::from(row.times_s.is_some()));
        self.is_failed.push(i16::from(row.error.is_some()));
        if let Some((onset_s, offset_s)) = row.times_s {
            self.onsets.push(onset_s);
            self.offsets.push(offset_s);
            self.labels.push(row.label.into());
            self.scores.push(row.score);
        }
        self.errors.extend(row.error.map(ByteArray::from));
    }
}

fn schema() -> anyhow::Result<Type> {
    let column = |name: &str, physical: Physical, repetition: Repetition| {
        let logical = (physical == Physical::BYTE_ARRAY).then_some(LogicalType::String);
        let column = Type::primitive_type_builder(name, physical)
            .with_repetition(repetition)
            .with_logical_type(logical)
            .build()?;
        anyhow::Ok(Arc::new(column))
    };
    let columns = vec![
        column("path", Physical::BYTE_ARRAY, Repetition::REQUIRED)?,
        column("onset_s", Physical::DOUBLE, Repetition::OPTIONAL)?,
        column("offset_s", Physical::DOUBLE, Repetition::OPTIONAL)?,
        column("label", Physical::BYTE_ARRAY, Repetition::OPTIONAL)?,
        column("score", Physical::FLOAT, Repetition::OPTIONAL)?,
        column("error", Physical::BYTE_ARRAY, Repetition::OPTIONAL)?,
    ];
    Ok(Type::group_type_builder("scores").with_fields(columns).build()?)
}

/// Writes the next column of a group; `is_there` says which rows have a value, all if none.
fn next_column<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, Sink>,
    values: &[T::T],
    is_there: Option<&[i16]>,
) -> anyhow::Result<()> {
    let mut column = group.next_column()?.context("the table has fewer columns")?;
    column.typed::<T>().write_batch(values, is_there, None)?;
    column.close()?;
    Ok(())
}
