package org.elasticsearch.xpack.esql.arrow;

import java.util.Map;
import java.util.Set;
import org.elasticsearch.xcontent.MediaType;

/** Stands in for an unpublished module, so that ES|QL finds the media type it lists; no answer is ever written in it. */
public final class ArrowFormat implements MediaType {
  public static final ArrowFormat INSTANCE = new ArrowFormat();

  private ArrowFormat() {}

  @Override
  public String queryParameter() {
    return "arrow";
  }

  @Override
  public Set<HeaderValue> headerValues() {
    return Set.of(new HeaderValue("application/vnd.apache.arrow.stream", Map.of()));
  }
}
