//! Tests of the macros as functions over tokens.
