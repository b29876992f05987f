SELECT
    articles.article_no,
    articles.article_title,
    articles.case_category,
    articles.valid_to,
    count(*) AS citations
FROM government.knowledge_articles AS articles
JOIN government.assistant_dialogues AS dialogues ON dialogues.article_no = articles.article_no
WHERE dialogues.dialogue_outcome = '1' AND articles.valid_to <= dialogues._day
GROUP BY articles.article_no, articles.article_title, articles.case_category, articles.valid_to
