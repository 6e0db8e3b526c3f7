package org.elasticsearch.dissect;

/** Stands in for an unpublished module, so that ES|QL's classes load. */
public class DissectException extends RuntimeException {
  public DissectException(String message) {
    super(message);
  }
}
