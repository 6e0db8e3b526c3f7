package org.elasticsearch.dissect;

/** Stands in for an unpublished module, so that ES|QL's classes load; the DISSECT command itself is not to be had. */
public class DissectParser {
  public DissectParser(String pattern, String appendSeparator) {
    throw new DissectException("this node has no DISSECT");
  }
}
